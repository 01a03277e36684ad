"""Who may import whom, and what every module says of itself."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
PACKAGES = ("sources", "warehouse", "orchestration")
MODULES = sorted(path for package in PACKAGES for path in (PROJECT / package).rglob("*.py"))
ONLY_ORCHESTRATION = {"dagster", "dagster_dbt", "dagster_duckdb", "dagster_webserver"}
ONLY_WAREHOUSE = {"duckdb", "duckdb_sqlalchemy", "dbt", "great_expectations", "sqlalchemy"}
FORBIDDEN = {
    "sources": {"warehouse", "orchestration"} | ONLY_ORCHESTRATION | ONLY_WAREHOUSE,
    "warehouse": {"orchestration"} | ONLY_ORCHESTRATION,
    "orchestration": ONLY_WAREHOUSE,
}


IMPORTED_AS = {"pyyaml": "yaml"}
"""Packages that are imported under another name than they are installed under."""


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def imported(path: Path) -> dict[str, int]:
    """Top-level packages a module imports anywhere, in functions too, and the first line that does."""
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in {"import_module", "importlib.import_module", "__import__"}
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            names = [str(node.args[0].value)]
        else:
            continue
        for name in names:
            found.setdefault(name.partition(".")[0], node.lineno)
    return found


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 40


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_what_its_package_may(path: Path) -> None:
    forbidden = FORBIDDEN[path.relative_to(PROJECT).parts[0]]
    crossed = [
        f"{name_of(path)}:{line} imports {package}" for package, line in imported(path).items() if package in forbidden
    ]
    assert not crossed, "see architecture: orchestration → warehouse → sources, never back"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_great_expectations_and_dbt_are_imported_only_where_they_run(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    at_import = {
        name.partition(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    }
    assert not at_import & {"great_expectations", "dbt"}, f"{name_of(path)} imports them when it is imported itself"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_reads_no_environment_when_it_is_imported(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    outside_functions = [
        node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
    ]
    text = "\n".join(ast.unparse(node) for node in outside_functions)
    assert "os.environ" not in text, f"{name_of(path)} reads the environment at import"
    assert "getenv" not in text, f"{name_of(path)} reads the environment at import"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is_and_one_of_some_size_what_belongs_in_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    docstring = ast.get_docstring(tree)
    assert docstring, f"{name_of(path)} has no docstring"
    offered = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    if offered and len(text.splitlines()) > 40:
        assert "Belongs here" in docstring, f"{name_of(path)} does not say what belongs in it"


def test_every_package_is_stdlib_declared_or_ours() -> None:
    """What is imported is in pyproject.toml, so that the lock holds all that runs."""
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {re.split(r"[<>=!~ ]", entry)[0].lower().replace("-", "_") for entry in declared}
    known = {IMPORTED_AS.get(name, name) for name in names} | {"dbt", "dagster_dbt"} | set(PACKAGES)
    strangers = {
        package
        for path in MODULES
        for package in imported(path)
        if package not in sys.stdlib_module_names and package.lower() not in known
    }
    assert not strangers
