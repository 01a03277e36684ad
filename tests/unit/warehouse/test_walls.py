"""Who may import whom, and what every module says of itself."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none

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


@cache
def tree_of(path: Path) -> ast.Module:
    """A module, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> dict[str, int]:
    """Top-level packages a module imports anywhere, in functions too, and the first line that does."""
    found: dict[str, int] = {}
    for node in ast.walk(tree_of(path)):
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


def test_a_module_imports_only_what_its_package_may() -> None:
    """See the architecture: orchestration → warehouse → sources, never back."""
    assert_none(
        f"{name_of(path)}:{line} imports {package}"
        for path in MODULES
        for package, line in imported(path).items()
        if package in FORBIDDEN[path.relative_to(PROJECT).parts[0]]
    )


def test_great_expectations_and_dbt_are_imported_only_where_they_run() -> None:
    assert_none(
        f"{name_of(path)}:{node.lineno} imports {name} when it is imported itself"
        for path in MODULES
        for node in tree_of(path).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
        if name.partition(".")[0] in {"great_expectations", "dbt"}
    )


def test_a_module_reads_no_environment_when_it_is_imported() -> None:
    assert_none(
        f"{name_of(path)}:{node.lineno} reads the environment: {ast.unparse(node)}"
        for path in MODULES
        for node in tree_of(path).body
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
        and re.search(r"os\.environ|getenv", ast.unparse(node))
    )


def test_a_module_says_what_it_is_and_one_of_some_size_what_belongs_in_it() -> None:
    docstrings = {path: ast.get_docstring(tree_of(path)) or "" for path in MODULES}
    assert_none(f"{name_of(path)} has no docstring" for path, docstring in docstrings.items() if not docstring)
    assert_none(
        f"{name_of(path)} does not say what belongs in it"
        for path, docstring in docstrings.items()
        if offers_something(path) and "Belongs here" not in docstring
    )


def offers_something(path: Path) -> bool:
    """Whether a module of more than 40 lines has a public function or class."""
    offered = [
        node
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    return bool(offered) and len(path.read_text(encoding="utf-8").splitlines()) > 40


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
