"""An invalid setting ends a command with one sentence: the variable and what is allowed."""

from __future__ import annotations

import pytest

from orchestration.cli import main
from warehouse.settings_error import InvalidSettingError, read_settings

INVALID = {
    "REE_THREADS": ("x", "REE_THREADS must be a whole number of at least 1 and at most 256, such as 2, and is 'x'."),
    "REE_KEEP_RELEASES": ("1", "REE_KEEP_RELEASES must be a whole number of at least 2, such as 3, and is '1'."),
    "REE_PACE": ("nan", "REE_PACE must be a number of at least 0 and at most 1000, such as 1, and is 'nan'."),
    "REE_TIMEOUT_S": ("inf", "REE_TIMEOUT_S must be a number above 0 and at most 86400, such as 30, and is 'inf'."),
    "REE_SOURCES": ("net", "REE_SOURCES must be one of snapshot, live, landing, and is 'net'."),
    "REE_UN_COMTRADE__PREMIUM": ("maybe", "REE_UN_COMTRADE__PREMIUM must be true or false, and is 'maybe'."),
    "REE_THREDS": (
        "3",
        "REE_THREDS is not a setting; docs/operations.md and docs/live.md list them. Did you mean REE_THREADS?",
    ),
    "REE_UN_COMTRADE__KYE": (
        "SECRET",
        "REE_UN_COMTRADE__KYE is not a setting; docs/operations.md and docs/live.md list them."
        " Did you mean REE_UN_COMTRADE__KEY?",
    ),
    "REE_URLS__UN_COMTRAD": (
        "http://127.0.0.1",
        "REE_URLS__UN_COMTRAD is not a setting; docs/operations.md and docs/live.md list them."
        " Did you mean REE_URLS__UN_COMTRADE?",
    ),
    "REE_MEMORY_LIMIT": ("much", "REE_MEMORY_LIMIT must be a size, such as 1GB or 512MiB, and is 'much'."),
    "REE_AS_OF_DAY": (
        "26/11/2026",
        "REE_AS_OF_DAY must be a day, YYYY-MM-DD, such as 2025-12-31, and is '26/11/2026'.",
    ),
    "REE_URLS": (
        "{",
        'REE_URLS must be a JSON object of texts, such as {"un_comtrade": "https://mirror.example"}.',
    ),
    "REE_URLS__UN_COMTRADE": (
        "mirror",
        "REE_URLS__UN_COMTRADE must be an address such as https://mirror.example, and is 'mirror'.",
    ),
    "REE_HOME": ("", "REE_HOME is empty: name a folder, such as REE_HOME=/data/ree, or unset it."),
    "REE_SNAPSHOT": ("", "REE_SNAPSHOT is empty: name a folder, such as REE_SNAPSHOT=/data/ree, or unset it."),
    "REE_OWN_FILES": (
        "/dev/null/here",
        "REE_OWN_FILES must be a folder, and '/dev/null' is a file: name a folder such as REE_OWN_FILES=/data/ree.",
    ),
    "REE_DBT_CACHE": (
        "/data/a\nb",
        "REE_DBT_CACHE must not have control characters, and is '/data/a\\nb': name a folder such as"
        " REE_DBT_CACHE=/data/ree.",
    ),
    "REE_CONTACT": (
        "https://me:secret@example.org",
        "REE_CONTACT must be an e-mail address (data@example.org) or a web page (https://example.org/bots) without a"
        " password or a query.",
    ),
    "REE_IGNORE_ROBOTS": (
        "china_customs",
        "REE_IGNORE_ROBOTS names 'china_customs'; publishers that are fetched are bgs_wms, brazil_comexstat,"
        " cepii_baci, eurostat_comext, india_tradestat, uk_hmrc, un_comtrade, us_census, usgs_mcs.",
    ),
    "REE_SECRETS_FILE": (
        "/no/such/file",
        "REE_SECRETS_FILE names /no/such/file, which cannot be read (No such file or directory). Name a file that you"
        " can read.",
    ),
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path):
    """Run `ree status` with these variables; return its exit code and its standard error, unwrapped."""

    def status(**variables: str) -> tuple[object, str]:
        monkeypatch.setattr("sys.argv", ["ree", "status"])
        monkeypatch.setenv("REE_HOME", str(tmp_path))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, " ".join(capsys.readouterr().err.split())

    return status


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_setting_is_named_with_what_is_allowed(run, name: str) -> None:
    value, sentence = INVALID[name]
    assert run(**{name: value}) == (2, sentence)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REE_AS_OF_DAY", "20251231"),
        ("REE_AS_OF_DAY", "2025-02-30"),
        ("REE_MEMORY_LIMIT", "1KB"),
        ("REE_MEMORY_LIMIT", "0GB"),
        ("REE_THREADS", "0"),
        ("REE_THREADS", "100000"),
        ("REE_DEADLINE_S", "-inf"),
        ("REE_LOCK_TIMEOUT_S", "1e400"),
        ("REE_LIVE_FROM", "99999"),
        ("REE_SOURCES", "Live"),
        ("REE_HOME", "/dev/null"),
        ("REE_HOME", "/data/50%"),
        ("REE_HOME", "/data/[x]"),
        ("REE_HOME", "/data/a\\b"),
        ("REE_HOME", "/data/a\udcffb"),
        ("REE_HOME", "~nobody-of-this-name/x"),
        ("REE_SECRETS_FILE", "/"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_its_name(run, name: str, value: str) -> None:
    code, message = run(**{name: value})
    assert code == 2
    assert message.startswith(f"{name} ")


def test_a_folder_of_temporary_files_that_databases_cannot_use_is_refused(run, tmp_path, monkeypatch) -> None:
    (tmp_path / "a?b").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "a?b"))
    code, message = run()
    assert code == 2
    assert message.startswith("TMPDIR must not have ? or \\ in its path")


def test_a_password_in_an_address_is_not_shown(run) -> None:
    code, message = run(REE_URLS__UN_COMTRADE="https://me:SECRET@mirror.example")
    assert (code, "REE_URLS__UN_COMTRADE" in message, "SECRET" in message) == (2, True, False)


def test_a_definition_of_dagster_says_the_same(monkeypatch) -> None:
    monkeypatch.setenv("REE_THREADS", "x")
    with pytest.raises(InvalidSettingError, match=r"^REE_THREADS must be .* and is 'x'\.$"):
        read_settings()


def test_two_of_them_are_two_sentences(run) -> None:
    code, message = run(REE_THREADS="x", REE_PACE="fast")
    assert code == 2
    assert message.count(" must be ") == 2


def test_an_unknown_name_in_the_secrets_file_is_named_without_its_value(run, tmp_path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("REE_UN_COMTRADE__KYE=hunter2\n", encoding="utf-8")
    code, message = run(REE_SECRETS_FILE=str(file))
    assert (code, "REE_UN_COMTRADE__KYE is not a setting" in message, "hunter2" in message) == (2, True, False)


def test_valid_settings_are_no_error(run) -> None:
    code, message = run(REE_THREADS="1")
    assert (code, "Nothing is published" in message) == (1, True)
