"""Workflows, issue forms, hooks and version: they match their schemas and name existing files."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.helpers.project import PROJECT

GITHUB = PROJECT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
HOOKS = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
ABOUT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
SCHEMAS = {
    "github-workflows": WORKFLOWS,
    "github-issue-forms": FORMS,
    "github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
    "dependabot": [GITHUB / "dependabot.yml"],
    "citation-file-format": [PROJECT / "CITATION.cff"],
    "compose-spec": [PROJECT / "deploy" / "compose.yaml"],
}
"""Schemas that check-jsonschema carries with it, so that no network is needed."""


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def workflow(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> list[dict]:
    return [step for job in workflow(path)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_fit_their_published_schema(schema: str) -> None:
    assert SCHEMAS[schema]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    checked = subprocess.run(
        [*command, "--default-filetype", "yaml", *map(str, SCHEMAS[schema])],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_a_workflow_may_only_read_and_ends(path: Path) -> None:
    found = workflow(path)
    assert found["permissions"] == {"contents": "read"}
    assert found["concurrency"]["group"]
    for name, job in found["jobs"].items():
        assert job["timeout-minutes"] <= 180, f"{name} may run for hours"
        assert "permissions" not in job, f"{name} widens the permissions of the workflow"
    assert "secrets." not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_an_action_is_one_of_the_hosts_own_at_a_version(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert used
    assert [action for action in used if not re.fullmatch(r"actions/[a-z-]+@(v\d+(\.\d+)*|[0-9a-f]{40})", action)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_a_workflow_calls_targets_of_the_makefile_and_tools_of_the_lock(path: Path) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    runs = "\n".join(step["run"] for step in steps(path) if "run" in step)
    assert set(re.findall(r"^make ([a-z-]+)", runs, re.MULTILINE)) - targets == set()
    for tool in re.findall(r"^\.venv/bin/([\w-]+)", runs, re.MULTILINE):
        assert (Path(sys.prefix) / "bin" / tool).exists(), f"{tool} is not in the lock"


def test_the_workflows_test_every_supported_python() -> None:
    tested = workflow(GITHUB / "workflows" / "ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python-version"]
    prefix = "Programming Language :: Python :: 3."
    supported = [entry.rpartition(" ")[2] for entry in ABOUT["project"]["classifiers"] if entry.startswith(prefix)]
    assert tested == supported


def test_hooks_are_local_and_run_tools_of_the_lock() -> None:
    hooks = [hook for repo in HOOKS["repos"] for hook in repo["hooks"]]
    assert {repo["repo"] for repo in HOOKS["repos"]} == {"local"}
    assert {hook["language"] for hook in hooks} == {"system"}
    tools = [shlex.split(hook["entry"])[0] for hook in hooks]
    missing = [
        tool
        for tool in tools
        if tool.startswith(".venv/") and not (Path(sys.prefix) / "bin" / Path(tool).name).exists()
    ]
    assert not missing
    assert {tool for tool in tools if not tool.startswith(".venv/bin/")} == {"sh"}


def test_the_form_for_a_wrong_figure_requires_what_identifies_it() -> None:
    form = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / "wrong_figure.yml").read_text(encoding="utf-8"))
    required = {field["id"] for field in form["body"] if field.get("validations", {}).get("required")}
    assert required == {"release", "table", "keys", "published", "expected", "source"}


def test_the_version_is_the_newest_of_the_changelog_and_of_the_citation() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", changelog, re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    version, released = headings[1]
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    assert ABOUT["project"]["version"] == version
    assert (citation["version"], str(citation["date-released"])) == (version, released)


def test_the_packages_carry_their_type_hints() -> None:
    packages = ("sources", "warehouse", "orchestration")
    assert [name for name in packages if not (PROJECT / name / "py.typed").exists()] == []
