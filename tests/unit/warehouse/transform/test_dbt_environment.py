"""Variables of dbt in the shell have no effect on a build: profile, target and flags are the product's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.project import PROJECT
from warehouse.settings import Settings
from warehouse.transform import dbt_runner

OF_THE_SHELL = {
    "DBT_TARGET": "prod",
    "DBT_PROFILE": "other",
    "DBT_PROFILES_DIR": "/nowhere",
    "DBT_PROJECT_DIR": "/nowhere",
    "DBT_TARGET_PATH": "elsewhere",
    "DBT_LOG_PATH": "elsewhere",
    "DBT_LOG_FORMAT": "bogus",
    "DBT_FULL_REFRESH": "1",
    "DBT_VARS": "{supply_lines: []}",
    "DBT_WARN_ERROR_OPTIONS": '{"error": "all"}',
    "DBT_ENGINE_TARGET": "prod",
    "DBT_STATE": "/nowhere",
    "DBT_EMPTY": "1",
    "DBT_EXCLUDE": "*",
}


def test_models_have_less_of_the_memory_limit_than_all(settings: Settings) -> None:
    large, least = (settings.model_copy(update={"memory_limit": limit}) for limit in ("1GB", "128MB"))
    assert dbt_runner.profile_variables(large)["REE_MEMORY_LIMIT"] == "700MB"
    assert dbt_runner.profile_variables(least)["REE_MEMORY_LIMIT"] == "128MB"


def test_dbt_runs_without_its_variables_and_they_are_put_back(settings: Settings, monkeypatch) -> None:
    for name, value in OF_THE_SHELL.items():
        monkeypatch.setenv(name, value)
    seen: dict[str, str] = {}

    class Runner:
        def invoke(self, arguments: list[str]) -> object:
            seen.update(os.environ)
            return type("Outcome", (), {"exception": None, "result": arguments})

    monkeypatch.setattr("dbt.cli.main.dbtRunner", Runner)
    dbt_runner.invoke_dbt(settings, "parsing", ["parse"], settings.home, settings.home)
    given = {name for name in seen if name.startswith("DBT_")}
    assert given == {"DBT_SEND_ANONYMOUS_USAGE_STATS"}
    assert seen["REE_THREADS"] == str(settings.threads)
    assert OF_THE_SHELL.items() <= os.environ.items()
    assert "REE_DBT_WORK" not in os.environ


@pytest.mark.slow
def test_the_project_is_parsed_as_without_them(tmp_path: Path) -> None:
    """In the same place as always, whatever the shell, the current folder and the home directory hold."""
    (tmp_path / ".dbt").mkdir()
    for name in ("profiles.yml", "dbt_project.yml"):
        (tmp_path / name).write_text("not: [yaml", encoding="utf-8")
        (tmp_path / ".dbt" / name).write_text("not: [yaml", encoding="utf-8")
    (tmp_path / ".env").write_text("REE_THREADS=x\nDBT_TARGET=prod\n", encoding="utf-8")
    home = tmp_path / "o'b {{ 1 }} ${HOME} #&"
    shell = {name: value for name, value in os.environ.items() if not name.startswith("REE_")}
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "prepare"],
        cwd=tmp_path,
        env=shell | OF_THE_SHELL | {"REE_HOME": str(home), "HOME": str(tmp_path), "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list((home / "dbt" / "parsed").glob("*/manifest.json"))) == 1
    assert not (tmp_path / "elsewhere").exists()
