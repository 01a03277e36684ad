"""Paths of the project that pages, docstrings and comments name in backticks exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none

FOLDERS = ("sources", "warehouse", "orchestration", "dbt_project", "tests", "docs", "deploy", "benchmarks")
READ = {".py", ".md", ".sql", ".yml", ".toml", ".j2"}
HISTORY = PROJECT / "CHANGELOG.md"
"""Names files as they were."""
GENERATED = {"target", "logs", "__pycache__"}
OPTIONAL = ("corrections.toml", "warehouse/_dbt_project", "warehouse/_docs", "dbt_project/target")
"""Not in the repository: a publisher's corrections, if it has any; the dbt project and the documentation
in a wheel; what dbt writes."""
EXAMPLE = "/example_"
"""The invented publishers of CONTRIBUTING.md."""
PATH = re.compile(
    rf"(?:{'|'.join(FOLDERS)})/[\w./<>*-]*|[\w./<>*-]*\w\.(?:py|sql|toml)|(?:macros|models|seeds)/[\w./<>*-]+"
)


@cache
def files() -> tuple[Path, ...]:
    """The files of the project, without what tools generate."""
    found = [path for folder in FOLDERS for path in (PROJECT / folder).rglob("*") if path.is_file()]
    found += [path for path in PROJECT.iterdir() if path.is_file()]
    return tuple(path for path in sorted(found) if not GENERATED & set(path.relative_to(PROJECT).parts))


@cache
def known_paths() -> str:
    """Every file and folder of the project, one a line, each with a slash before it."""
    names = {path.relative_to(PROJECT) for path in files()}
    names |= {folder for name in names for folder in name.parents}
    return "\n".join(f"/{name.as_posix()}" for name in sorted(names))


def named_paths(text: str) -> Iterator[str]:
    """Tokens in backticks that look like a path of the project, such as warehouse/figures.py or parse.py."""
    for token in re.findall(r"`([^`\s]+)`", text):
        if PATH.fullmatch(token) and not token.rstrip("/").endswith(OPTIONAL) and EXAMPLE not in token:
            yield token


@cache
def exists(token: str) -> bool:
    """Whether a file or folder has this path, or ends with it; `<code>` and `*` stand for one name."""
    parts = [re.sub(r"<\w[^>]*>|\*+", "\n", part) for part in token.rstrip("/").split("/")]
    pattern = "/".join(re.escape(part).replace("\\\n", r"[^/\n]+") for part in parts)
    return re.search(rf"/{pattern}$", known_paths(), re.MULTILINE) is not None


def test_every_named_path_exists() -> None:
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in files()
        if path.suffix in READ and path not in {HISTORY, Path(__file__)}
    }
    named = [(path, token) for path, text in texts.items() for token in named_paths(text)]
    assert len(named) > 100
    assert_none(f"{path.relative_to(PROJECT)}: {token}" for path, token in named if not exists(token))


@pytest.mark.parametrize(
    "token", ["warehouse/ingest/fetch_run.py", "fetch_run.py", "sources/publishers/<code>/", "docs/*.md"]
)
def test_a_path_is_recognised_and_found(token: str) -> None:
    assert list(named_paths(f"see `{token}`")) == [token]
    assert exists(token)


@pytest.mark.parametrize(
    "token", ["warehouse/no_such.py", "no_such.py", "sources/<code>/no_such.toml", "models/no_such/"]
)
def test_a_path_that_does_not_exist_is_found(token: str) -> None:
    assert list(named_paths(f"see `{token}`")) == [token]
    assert not exists(token)
