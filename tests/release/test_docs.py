"""The documentation is true: its SQL runs, its links and paths exist, and the list of rules is current."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none
from warehouse.docs.llms_page import llms_page
from warehouse.docs.rules_page import rules_page
from warehouse.read.query import QueryError, run_query
from warehouse.settings import Settings
from warehouse.transform.manifest import read_manifest

PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("deploy/*.md"), *PROJECT.glob("docs/**/*.md")])


def name_of(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


def queries() -> Iterator[tuple[str, str]]:
    """Each SQL block of each page, with the page's name and its number there."""
    for page in PAGES:
        blocks = re.findall(r"```sql\n(.+?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        for number, query in enumerate(blocks, 1):
            yield f"{name_of(page)}, block {number}", query


@cache
def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


@cache
def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    found: set[str] = set()
    seen: Counter[str] = Counter()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def leads_nowhere(page: Path, link: str) -> str:
    """What is wrong with a link of a page to a file of the project; nothing if it leads to one."""
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    if not target.exists():
        return "there is no such file"
    if anchor and (target.suffix != ".md" or anchor not in anchors(target)):
        return f"{target.name} has no heading of that name"
    return ""


def test_every_query_on_a_page_returns_rows(warehouse: Settings) -> None:
    def fault(query: str) -> str:
        try:
            return "" if run_query(warehouse, query).rows else "no row"
        except QueryError as error:
            return str(error)

    asked = dict(queries())
    assert len(asked) > 50
    assert_none(f"{where}: {found}" for where, query in asked.items() if (found := fault(query)))


def test_every_link_of_a_page_points_to_an_existing_file_and_heading() -> None:
    links = [(page, link) for page in PAGES for link in re.findall(r"\]\(([^)\s]+)\)", prose(page))]
    own = [(page, link) for page, link in links if not re.match(r"https?:|mailto:", link)]
    assert {page.parent.name for page, _ in own} >= {PROJECT.name, "docs", "sources"}
    assert_none(f"{name_of(page)} → {link}: {found}" for page, link in own if (found := leads_nowhere(page, link)))


@pytest.mark.parametrize("link", ["no_such_page.md", "page.md#no-such-heading", "#no-such-heading", "#a-heading-2"])
def test_a_broken_link_is_found(tmp_path: Path, link: str) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A `heading`\n\n## A heading\n\n```sh\n# no such heading\n```\n", encoding="utf-8")
    assert [leads_nowhere(page, good) for good in ("page.md", "page.md#a-heading", "#a-heading-1")] == [""] * 3
    assert leads_nowhere(page, link)


def test_the_page_of_rules_is_current(tmp_path: Path) -> None:
    """Renew it with `python -m warehouse.docs.rules_page`."""
    assert (PROJECT / "docs" / "rules.md").read_text(encoding="utf-8") == rules_page(
        read_manifest(Settings(home=tmp_path))
    )


def test_the_page_for_assistants_is_current(tmp_path: Path) -> None:
    """Renew it with `python -m warehouse.docs.llms_page`."""
    assert (PROJECT / "docs" / "llms.txt").read_text(encoding="utf-8") == llms_page(Settings(home=tmp_path))
