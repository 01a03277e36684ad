"""docs/validation.md matches the release, and every difference has a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.helpers.project import PROJECT
from warehouse.docs.validation.statements import (
    Compared,
    Kind,
    compare,
    comparisons,
    figure,
    queries,
    statements,
    tally,
    unexplained,
)
from warehouse.docs.validation_page import PAGE, validation_page

# as many digits as the printed figures are copied with
_COPIED = 1e-6


@pytest.fixture(scope="module")
def compared(published) -> list[Compared]:
    return compare(published, statements())


def test_the_page_is_what_the_release_finds(compared) -> None:
    """Renew it with `python -m warehouse.docs.validation_page`."""
    assert (PROJECT / PAGE).read_text(encoding="utf-8") == validation_page(compared)


def test_every_difference_has_a_reason_and_what_agrees_needs_none(compared) -> None:
    assert unexplained(compared) == []


def test_the_statements_have_ids_addresses_and_queries_of_their_own() -> None:
    rows = statements()
    assert [name for name, n in Counter(row.id for row in rows).items() if n > 1] == []
    assert [row.id for row in rows if not row.url.startswith(("https://", "http://"))] == []
    assert {row.query for row in rows} | {row.held for row in rows} - {""} == set(queries())
    assert {row.comparison.name for row in rows} == set(comparisons())


def test_the_counts_by_kind_are_those_of_the_statements(compared) -> None:
    """At least eighty independent figures; the page counts every statement once."""
    kinds = Counter(row.kind for row in statements())
    assert set(kinds) == set(Kind)
    assert kinds[Kind.INDEPENDENT] >= 80
    page = validation_page(compared)
    for kind, count in kinds.items():
        n = tally([one for one in compared if one.statement.kind is kind])
        assert (n.count, n.agree + n.differ + n.missing) == (count, count)
        assert f"| `{kind}` | {count} | {n.agree} | {n.differ} | {n.missing} |" in page


def test_an_independent_figure_is_not_compared_with_itself(published) -> None:
    """A figure that the release holds is found by another query than ours."""
    rows = [row for row in statements() if row.kind is Kind.INDEPENDENT]
    assert [row.id for row in rows if row.query == row.held] == []
    assert [row.id for row in rows if row.comparison.name.startswith(("printed", "same", "share_of_one"))] == []


def test_a_printed_figure_of_a_publisher_that_is_held_is_that_publishers(published) -> None:
    """A mistyped figure, or a later release of its publisher, is found."""
    moved = [
        (row.id, row.quoted, held)
        for row in statements()
        if row.held
        and ((held := figure(published, row, row.held)) is None or abs(held - row.quoted) > _COPIED * abs(row.quoted))
    ]
    assert moved == []


@pytest.mark.parametrize("kind", list(Kind))
def test_a_figure_that_moves_is_found_out(compared, kind) -> None:
    agreeing = [one for one in compared if one.agrees and one.statement.quoted > 0 and one.statement.kind is kind]
    moved = [replace(one, ours=one.statement.quoted * 2) for one in agreeing]
    assert len(unexplained(moved)) == len(agreeing) > 0


def test_a_query_that_gives_more_than_one_figure_is_refused(published, monkeypatch) -> None:
    monkeypatch.setattr(
        "warehouse.docs.validation.statements.queries",
        lambda: {statements()[0].query: "select production_t_reo from core.fct_production"},
    )
    with pytest.raises(ValueError, match="one figure"):
        compare(published, statements()[:1])


def test_a_statement_without_an_argument_of_its_query_is_refused(published) -> None:
    with pytest.raises(ValueError, match="also needs"):
        compare(published, [replace(statements()[0], arguments={})])
