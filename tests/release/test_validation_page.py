"""docs/validation.md matches the release, and every difference has a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.helpers.project import PROJECT
from warehouse.docs.validation_page import PAGE, Compared, compare, statements, unexplained, validation_page


@pytest.fixture(scope="module")
def compared(published) -> list[Compared]:
    return compare(published, statements())


def test_the_page_is_what_the_release_finds(compared) -> None:
    """Renew it with `python -m warehouse.docs.validation_page`."""
    assert (PROJECT / PAGE).read_text(encoding="utf-8") == validation_page(compared)


def test_every_difference_has_a_reason_and_what_agrees_needs_none(compared) -> None:
    assert unexplained(compared) == []


def test_there_are_at_least_sixty_statements_each_with_an_address(compared) -> None:
    statements = [one.statement for one in compared]
    assert len(statements) >= 60
    assert len({statement.id for statement in statements}) == len(statements)
    assert [statement.id for statement in statements if not statement.url.startswith("https://")] == []


def test_a_figure_that_moves_is_found_out(compared) -> None:
    agreeing = next(one for one in compared if one.agrees and one.statement.quoted > 0)
    moved = replace(agreeing, ours=agreeing.statement.quoted * 2)
    assert len(unexplained([moved])) == 1


def test_a_query_that_gives_more_than_one_figure_is_refused(published) -> None:
    several = replace(statements()[0], sql="select production_t_reo from core.fct_production")
    with pytest.raises(ValueError, match="one figure"):
        compare(published, [several])
