"""Loading the Dagster definitions has no side effects, and the asset graph is complete."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.helpers.project import PROJECT
from warehouse.settings import Settings
from warehouse.transform.manifest import parsed_project

LOAD = """
import socket, sys

def refuse(*arguments, **options):
    raise AssertionError("loading the definitions opened a socket")

socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.getaddrinfo = refuse

from orchestration.definitions import defs

assert "great_expectations" not in sys.modules, "at import"
loaded = defs()
assert "great_expectations" not in sys.modules, "when the definitions are made"
assert "dbt.cli.main" not in sys.modules, "dbt is started only to run"
print(len(loaded.resolve_all_asset_specs()), "assets")
"""


def test_loading_them_imports_no_great_expectations_opens_no_socket_and_writes_nothing(tmp_path) -> None:
    """Where the cache holds the parsed dbt project; without it, loading parses the project first."""
    home = tmp_path / "home"
    parsed_project(Settings(home=tmp_path))
    environment = os.environ | {"REE_HOME": str(home), "DAGSTER_HOME": "", "HOME": str(tmp_path / "user")}
    environment.pop("DAGSTER_HOME")
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) > 30
    assert not home.exists(), "nothing was written under REE_HOME"
    assert list(tmp_path.iterdir()) == []


def test_every_rule_belongs_to_a_check_of_its_asset() -> None:
    from orchestration.checks import check_name
    from orchestration.definitions import defs
    from warehouse.quality.expectations.suites import gate_one, gate_two

    graph = defs().resolve_asset_graph()
    suites = (*gate_one().values(), *gate_two().values())
    checks = {(key.asset_key.path[-1], key.name) for key in graph.asset_check_keys}
    assert {(suite.table, check_name(suite, rule.severity)) for suite in suites for rule in suite.rules} <= checks


def test_every_published_model_is_upstream_of_the_release() -> None:
    import dagster as dg

    from orchestration.definitions import defs

    graph = defs().resolve_asset_graph()
    release = graph.get(dg.AssetKey(["release", "published"]))
    models = {
        (folder, path.stem)
        for folder in ("core", "marts", "bi", "meta")
        for path in (PROJECT / "dbt_project" / "models" / folder).rglob("*.sql")
        if not path.stem.startswith("int_")
    }
    assert {folder for folder, _ in models} == {"core", "marts", "bi", "meta"}
    assert {tuple(key.path) for key in release.parent_keys} == models
