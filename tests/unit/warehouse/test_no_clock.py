"""No code that makes a figure reads the clock or uses random numbers."""

from __future__ import annotations

import re
from pathlib import Path

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none

MODELS = [*(PROJECT / "dbt_project").rglob("*.sql"), *(PROJECT / "dbt_project" / "models").rglob("*.py")]
STATISTICS = [PROJECT / "warehouse" / "figures.py", *(PROJECT / "warehouse" / "statistics").rglob("*.py")]
CHANCE = re.compile(
    r"\b(current_date|current_time|current_timestamp|localtime|localtimestamp|now|today|get_current_\w+|random|uuid|"
    r"gen_random_uuid|run_started_at|invocation_id|default_rng)\b",
    re.IGNORECASE,
)


def without_comments(path: Path) -> str:
    """The code of a file, for words in a comment or a docstring run nothing."""
    text = path.read_text(encoding="utf-8")
    for comment in (r"\{#.*?#\}", r'""".*?"""', r"--[^\n]*", r"#[^\n]*"):
        text = re.sub(comment, "", text, flags=re.DOTALL)
    return text


def test_no_model_and_no_statistic_reads_the_clock_or_uses_random_numbers() -> None:
    files = [path for path in [*MODELS, *STATISTICS] if "target" not in path.parts]
    assert len(files) > 100
    assert_none(
        f"{path.relative_to(PROJECT)}: {found.group()}"
        for path in files
        for found in CHANCE.finditer(without_comments(path))
    )


def test_the_day_of_today_is_read_in_one_module() -> None:
    """A rule about days that reads the clock itself could not be tested, and could disagree with the others."""
    reads = re.compile(r"date\.today\(\)|now\([^)]*\)\.(date|year)|utcnow")
    code = [path for folder in ("sources", "warehouse", "orchestration") for path in (PROJECT / folder).rglob("*.py")]
    assert len(code) > 100
    found = [str(path.relative_to(PROJECT)) for path in code if reads.search(without_comments(path))]
    assert found == ["warehouse/clock.py"]
