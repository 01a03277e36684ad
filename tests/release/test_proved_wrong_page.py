"""docs/what-would-prove-us-wrong.md matches the release, and its figures are held by tests."""

from __future__ import annotations

import re
from copy import deepcopy

import pytest

from tests.helpers.project import PROJECT
from warehouse.docs import proved_wrong_page as module
from warehouse.docs.proved_wrong_page import PAGE, content, proved_wrong_page, wrong_golden_figures

_NO_FIGURE = re.compile(r"20\d\d(-\d\d)?|\d{6}|80 %")
"""Years, fiscal years, codes and the nominal level of an interval may stand in a claim; figures come from its query."""


def test_the_page_is_what_the_release_finds(published) -> None:
    """Renew it with `python -m warehouse.docs.proved_wrong_page`."""
    assert (PROJECT / PAGE).read_text(encoding="utf-8") == proved_wrong_page(published)


def test_the_golden_figures_are_as_printed(published) -> None:
    assert wrong_golden_figures(published) == []


def test_a_golden_figure_that_moves_is_found_out(published, monkeypatch) -> None:
    moved = deepcopy(content())
    for one in moved["golden"]:
        one["printed"] *= 1.001
    monkeypatch.setattr(module, "content", lambda: moved)
    assert len(wrong_golden_figures(published)) == len(moved["golden"])


def test_each_golden_figure_is_held_by_a_test_that_exists() -> None:
    def exists(test: str) -> bool:
        file, name = test.split("::")
        return f"def {name}(" in (PROJECT / "tests" / "release" / file).read_text(encoding="utf-8")

    assert [one["test"] for one in content()["golden"] if not exists(one["test"])] == []


def test_no_figure_of_a_claim_is_typed() -> None:
    """A typed figure would stay when the release moves."""
    typed = {
        one["claim"]: found
        for one in content()["claim"]
        if (found := re.findall(r"\d+", _NO_FIGURE.sub("", re.sub(r"{\w+}", "", one["claim"]))))
    }
    assert typed == {}


def test_a_query_without_a_row_is_refused(published, monkeypatch) -> None:
    empty = deepcopy(content())
    empty["table"][0]["sql"] += " limit 0"
    monkeypatch.setattr(module, "content", lambda: empty)
    with pytest.raises(ValueError, match="no row"):
        proved_wrong_page(published)
