"""The worked example of CONTRIBUTING.md: its files make a publisher, in a copy of the package, without another edit."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.server import Reply, Request, serving
from tests.helpers.project import PROJECT

PAGE = PROJECT / "CONTRIBUTING.md"
FILE = re.compile(r"^`(sources/publishers/[^`]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAMPLE = re.compile(r"^```\n(month,country,code,[^\n]*\n.*?)^```$", re.MULTILINE | re.DOTALL)

RUN = """
import json, sys
from datetime import date

import polars as pl

import sources
from sources.registry import sources as publishers
from tests.helpers.fetch_harness import FetchHarness
from warehouse.quality.gates import judge_load, stopping
from warehouse.transform.generate import generated_files

assert sources.__file__.startswith(sys.argv[1]), sources.__file__
harness = FetchHarness("example_customs", sys.argv[2], (2020, 2026), today=date(2026, 11, 24))
first, second = harness.run(), harness.run()
(artifact,) = first.artifacts
(table,) = publishers()["example_customs"].parse(artifact)
json.dump({
    "failures": [str(error) for error in (*first.failures.values(), *second.failures.values())],
    "fetched_again": len(second.artifacts),
    "partition": artifact.partition,
    "rows": table.frame.select(
        pl.col("period_start").cast(pl.String), "partner_code", "is_partner_world", "hs_code", "code_country",
        "value_local", "currency_code", "value_raw", "net_weight_kg",
    ).rows(),
    "stops": [result.rule for result in stopping(judge_load([(artifact, table)]))],
    "generated": [str(path) for path, text in generated_files(publishers()).items() if "example_customs" in text],
}, sys.stdout)
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the package and the files of the page in it."""
    shutil.copytree(PROJECT / "sources", tmp_path / "sources", ignore=shutil.ignore_patterns("__pycache__", "files"))
    files = FILE.findall(PAGE.read_text(encoding="utf-8"))
    assert {Path(name).name for name, _ in files} == {
        "__init__.py", "source.toml", "layouts.toml", "labels.csv", "partition.py", "parse.py", "fetch.py",
    }  # fmt: skip
    for name, text in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def answer(request: Request) -> Reply:
    """The one file of the page, unchanged where its validator is sent back."""
    if request.path != "/imports_2025.csv":
        return Reply(b"no such file", "text/plain", status=404)
    if request.headers.get("if-none-match") == '"1"':
        return Reply(b"", "text/csv", status=304, headers={"ETag": '"1"'})
    sample = SAMPLE.search(PAGE.read_text(encoding="utf-8"))
    assert sample
    return Reply(sample[1].encode(), "text/csv", headers={"ETag": '"1"'})


def test_the_files_of_the_page_fetch_and_parse_and_nothing_else_lists_them(copy: Path) -> None:
    with serving(answer) as server:
        run = subprocess.run(
            [sys.executable, "-c", RUN, str(copy), server.url],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(copy), str(PROJECT)])},
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    got = json.loads(run.stdout)
    assert got["failures"] == []
    assert got["partition"] == "Example imports 2025"
    line = ["284690290", "JPN"]
    assert got["rows"] == [
        ["2025-01-01", "CHN", False, *line, 1_250_300_000.0, "JPY", "1,250,300", 310_000.0],
        ["2025-01-01", "VNM", False, *line, 84_120_000.0, "JPY", "84,120", 20_500.0],
        ["2025-01-01", "WLD", True, *line, 1_334_420_000.0, "JPY", "1,334,420", 330_500.0],
    ]
    assert got["fetched_again"] == 0
    assert got["stops"] == []
    assert got["generated"] == [
        "macros/generated/feeds.sql",
        "models/staging/publishers/_sources.yml",
        "models/staging/publishers/stg_example_customs__trade.sql",
    ]


def test_the_files_of_the_page_pass_the_linter(copy: Path) -> None:
    shutil.copyfile(PROJECT / "pyproject.toml", copy / "pyproject.toml")
    folder = copy / "sources" / "publishers" / "example_customs"
    for command in (["check"], ["format", "--check"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", str(folder)],
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout
