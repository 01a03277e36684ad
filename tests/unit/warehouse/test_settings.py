"""Every setting is read from the environment and from nowhere else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from pydantic import SecretStr, ValidationError

from sources.registry import declared_settings, sources
from sources.snapshot import BUNDLED
from tests.helpers.violators import assert_same
from warehouse import publisher_settings
from warehouse.settings import Settings

NO_SECRETS = Path("/dev/null")
FROM_ENVIRONMENT = {
    "home": ("/somewhere/home", Path("/somewhere/home")),
    "sources": ("landing", "landing"),
    "snapshot": ("/somewhere/snapshot", Path("/somewhere/snapshot")),
    "own_files": ("/somewhere/own", Path("/somewhere/own")),
    "own_labels": ("labels.csv", Path("labels.csv").resolve()),
    "dbt_cache": ("/somewhere/dbt", Path("/somewhere/dbt")),
    "memory_limit": ("250MB", "250MB"),
    "threads": ("5", 5),
    "workers": ("5", 5),
    "keep_releases": ("7", 7),
    "as_of_day": ("2024-12-31", date(2024, 12, 31)),
    "accept_drift": ("a new method", "a new method"),
    "lock_timeout_s": ("2.5", 2.5),
    "secrets_file": (str(NO_SECRETS), NO_SECRETS),
    "live_from": ("2015", 2015),
    "urls": ('{"bgs_wms": "http://127.0.0.1:8000"}', {"bgs_wms": "http://127.0.0.1:8000"}),
    "pace": ("0.5", 0.5),
    "contact": ("data@example.org", "data@example.org"),
    "ignore_robots": ("usgs_mcs, cepii_baci", "usgs_mcs, cepii_baci"),
    "timeout_s": ("3", 3.0),
    "deadline_s": ("60", 60.0),
    "inbox_settle_s": ("1", 1.0),
    "publish_url": ("https://data.example.org/ree", "https://data.example.org/ree"),
    "publish_endpoint": ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
    "publish_region": ("ap-south-1", "ap-south-1"),
    "owner": ("team:desk, a@example.org", "team:desk, a@example.org"),
    "alert_webhook": ("https://hooks.example/x", SecretStr("https://hooks.example/x")),
    "alert_email_to": ("desk@example.org", "desk@example.org"),
    "alert_email_from": ("ree@example.org", "ree@example.org"),
    "smtp_url": ("smtps://mail.example", SecretStr("smtps://mail.example")),
    "postgres_url": ("postgresql://db/ree", SecretStr("postgresql://db/ree")),
}


def test_a_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(name: str) -> object:
        with monkeypatch.context() as patch:
            patch.setenv(f"REE_{name.upper()}", FROM_ENVIRONMENT[name][0])
            return getattr(Settings(), name)

    assert_same({name: value for name, (_, value) in FROM_ENVIRONMENT.items()}, read)


def test_every_setting_is_tried_here() -> None:
    assert {*FROM_ENVIRONMENT, "publishers"} == set(Settings.model_fields)


def test_every_setting_is_described() -> None:
    assert not [name for name, field in Settings.model_fields.items() if not field.description]


def test_without_an_environment_state_lives_in_var_and_figures_come_from_the_bundled_snapshot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings()
    assert settings.home == (tmp_path / "var").resolve(), "of the current folder, wherever the code is installed"
    assert settings.snapshot == BUNDLED.resolve()
    assert settings.own_files is None
    assert settings.sources == "snapshot"
    assert not settings.accept_drift


def test_settings_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValidationError):
        Settings().home = Path("elsewhere")


@pytest.mark.parametrize(
    ("name", "value"),
    [("threads", 0), ("keep_releases", 1), ("lock_timeout_s", -1), ("sources", "network")],
)
def test_an_invalid_setting_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings(**{name: value})


def test_a_relative_or_tilde_home_becomes_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings(home="here").home == (tmp_path / "here").resolve()
    assert Settings(own_files="here").own_files == (tmp_path / "here").resolve()
    assert Settings(home="~/there").home == (tmp_path / "there").resolve()


def test_all_state_lies_under_home(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    places = [
        settings.landing,
        settings.work_file,
        settings.candidate,
        settings.candidate_file,
        settings.refused,
        settings.releases,
        settings.published,
        settings.lock_file,
        settings.dagster_home,
        settings.dbt_cache_folder,
        settings.journal_file,
    ]
    assert all(place.is_relative_to(tmp_path) for place in places)
    assert len(set(places)) == len(places)


def test_reading_settings_writes_nothing(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    assert settings.published
    assert not settings.home.exists()


def test_a_publisher_is_moved_by_a_variable_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REE_URLS__UN_COMTRADE", "http://127.0.0.1:8000")
    assert Settings().urls == {"un_comtrade": "http://127.0.0.1:8000"}


def test_a_key_is_read_from_the_secrets_file_and_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("REE_UN_COMTRADE__KEY=from-the-file\nREE_PACE=2\n", encoding="utf-8")
    monkeypatch.setenv("REE_SECRETS_FILE", str(file))
    monkeypatch.setenv("REE_PACE", "3")
    settings = Settings()
    assert settings.publishers == {"un_comtrade": {"key": SecretStr("from-the-file")}}
    assert settings.pace == 3


def test_a_secret_is_shown_in_no_text_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("un_comtrade__key", "alert_webhook", "smtp_url", "postgres_url"):
        monkeypatch.setenv(f"REE_{name.upper()}", "https://hidden.example/SECRET")
    settings = Settings()
    for text in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert "SECRET" not in text


def test_every_setting_that_a_publisher_declares_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"text": "a text", "boolean": "true", "integer": "3", "number": "0.5"}
    declared = [setting for code in sources() for setting in publisher_settings.declared(code).values()]
    assert {setting.variable for setting in declared} >= {"REE_UN_COMTRADE__KEY", "REE_UN_COMTRADE__PREMIUM"}
    for setting in declared:
        assert setting.description
        monkeypatch.setenv(setting.variable, texts[setting.type])
    given = Settings().publishers
    assert given["un_comtrade"] == {"key": SecretStr("a text"), "premium": True}
    assert publisher_settings.key_of("un_comtrade", given["un_comtrade"]) == "a text"
    assert publisher_settings.settings_of("un_comtrade", given["un_comtrade"]) == {"premium": True}, (
        "no secret is in it"
    )


def test_a_setting_of_a_publisher_that_is_not_given_has_its_default() -> None:
    assert Settings().publishers == {}
    assert publisher_settings.settings_of("un_comtrade", {}) == {"premium": False}
    assert publisher_settings.key_of("un_comtrade", {}) == ""


def test_a_new_publisher_declares_a_key_without_code_of_the_warehouse(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = {**declared_settings(), "new_one": {"token": {"type": "text", "secret": True, "header": "X-Token",
                "description": "A token."}}}  # fmt: skip
    monkeypatch.setattr(publisher_settings, "declared_settings", lambda: declared)
    monkeypatch.setenv("REE_NEW_ONE__TOKEN", "t")
    assert publisher_settings.key_of("new_one", Settings().publishers["new_one"]) == "t"
    assert publisher_settings.key_header_of("new_one") == "X-Token"


def test_a_publisher_that_needs_a_setting_is_not_asked_without_it() -> None:
    assert publisher_settings.why_not_asked("un_comtrade", {}) == ""
    for given in ({}, {"key": SecretStr(" ")}):
        reason = publisher_settings.why_not_asked("us_census", given)
        assert reason.startswith("not asked without REE_US_CENSUS__KEY. ")
        assert reason.endswith(".")
    assert publisher_settings.why_not_asked("us_census", {"key": SecretStr("k")}) == ""
    assert publisher_settings.key_parameter_of("us_census") == "key"
    assert publisher_settings.key_header_of("us_census") == ""


def test_the_environment_has_precedence_over_the_secrets_file_for_a_publisher_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("REE_UN_COMTRADE__KEY=of-the-file\nREE_UN_COMTRADE__PREMIUM=true\n", encoding="utf-8")
    monkeypatch.setenv("REE_SECRETS_FILE", str(file))
    monkeypatch.setenv("REE_UN_COMTRADE__KEY", "of-the-environment")
    assert Settings().publishers == {"un_comtrade": {"key": SecretStr("of-the-environment"), "premium": True}}


def test_an_override_that_is_empty_leaves_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REE_SOURCES", "live")
    settings = Settings.read(sources="", accept_drift="a reason")
    assert (settings.sources, settings.accept_drift) == ("live", "a reason")
    assert Settings.read(sources="landing").sources == "landing"


@pytest.mark.parametrize(
    ("given", "n_files", "processes"),
    [
        ({"threads": 4}, 101, 4),
        ({"threads": 4}, 100, 1),
        ({"threads": 4, "workers": 2}, 101, 2),
        ({"threads": 4, "workers": 2}, 2, 2),
        ({"threads": 4, "workers": 1}, 101, 1),
    ],
)
def test_many_files_are_read_by_as_many_processes_as_threads(
    given: dict[str, int], n_files: int, processes: int
) -> None:
    assert Settings(**given).workers_for(n_files) == processes


@pytest.mark.parametrize(
    ("limit", "half"),
    [("1GB", "500MB"), ("512 MiB", "256MB"), ("1.5gb", "750MB"), ("4TB", "2000000MB"), ("200MB", "128MB")],
)
def test_a_share_of_the_memory_limit_is_one_that_duckdb_takes(limit: str, half: str) -> None:
    assert Settings(memory_limit=limit).memory_limit_of(0.5) == half
    with duckdb.connect() as con:
        con.execute(f"set memory_limit = '{half}'")
