"""The pages say what is so: their SQL runs, their links lead somewhere, and the list of rules is the rules'."""

import json
import re
from pathlib import Path

import pytest

from warehouse.query import ask
from warehouse.rules_page import rules_page
from warehouse.settings import PROJECT, Settings

PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").glob("*.md"))]
QUERIES = [
    pytest.param(query, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, query in enumerate(re.findall(r"```sql\n(.+?)```", page.read_text(encoding="utf-8"), re.DOTALL), 1)
]


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_on_a_page_answers(warehouse: Settings, query: str) -> None:
    assert ask(warehouse, query).rows


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_page_of_rules_is_that_of_the_rules() -> None:
    """Renew it with `python -m warehouse.rules_page`."""
    assert (PROJECT / "docs" / "rules.md").read_text(encoding="utf-8") == rules_page(
        json.loads(Settings().manifest.read_text(encoding="utf-8"))
    )
