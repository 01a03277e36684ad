"""Which module may import which, and what no module may do when it is imported.

The contracts are in pyproject.toml under `[tool.importlinter]`; `make check` runs them too.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none

PACKAGES = ("sources", "warehouse", "orchestration")
MODULES = sorted(path for package in PACKAGES for path in (PROJECT / package).rglob("*.py"))
IMPORTED_AS = {
    "markdown_it_py": "markdown_it",
    "python_dotenv": "dotenv",
    "pyyaml": "yaml",
    "vl_convert_python": "vl_convert",
}
"""Packages that are imported under another name than they are installed under."""
PARTS_OF_DECLARED = {"botocore", "dbt", "dagster_dbt", "mcp_types", "pydantic_core"}
"""Import names of declared distributions that differ from their own, or that they pin exactly."""


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(nodes: list[ast.AST]) -> list[tuple[str, int]]:
    """Names and lines of the absolute imports among these nodes."""
    found = []
    for node in nodes:
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.append((node.module or "", node.lineno))
    return found


def test_the_import_contracts_hold() -> None:
    """In a process of its own: the linter reconfigures logging."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_has_modules_to_check(package: str) -> None:
    assert any(path.is_relative_to(PROJECT / package) for path in MODULES)


def test_great_expectations_and_dbt_are_imported_only_where_they_run() -> None:
    assert_none(
        f"{name_of(path)}:{line} imports {name} at module level"
        for path in MODULES
        for name, line in imports(tree_of(path).body)
        if name.partition(".")[0] in {"great_expectations", "dbt"}
    )


def test_no_module_reads_the_environment_at_import() -> None:
    assert_none(
        f"{name_of(path)}:{node.lineno} reads the environment: {ast.unparse(node)}"
        for path in MODULES
        for node in tree_of(path).body
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
        and re.search(r"os\.environ|getenv", ast.unparse(node))
    )


def test_no_module_is_imported_by_a_literal_name() -> None:
    """The contracts see import statements only. Computed names, as of publishers and suites, stay in one package."""
    assert_none(
        f"{name_of(path)}:{node.lineno} {ast.unparse(node)}"
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"import_module", "importlib.import_module", "__import__"}
        and (not node.args or isinstance(node.args[0], ast.Constant))
    )


def test_every_module_has_a_docstring() -> None:
    assert_none(f"{name_of(path)} has no docstring" for path in MODULES if not ast.get_docstring(tree_of(path)))


def test_every_imported_package_is_stdlib_declared_or_ours() -> None:
    """What is imported is in pyproject.toml, so that the lock pins everything that runs."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = {re.split(r"[<>=!~ ]", entry)[0].lower().replace("-", "_") for entry in declared}
    known = {IMPORTED_AS.get(name, name) for name in names} | PARTS_OF_DECLARED | set(PACKAGES)
    assert_none(
        f"{name_of(path)}:{line} imports {name}"
        for path in MODULES
        for name, line in imports(list(ast.walk(tree_of(path))))
        if (package := name.partition(".")[0]) not in sys.stdlib_module_names and package.lower() not in known
    )
