"""Each figure in the text of an answer of the cookbook is returned by the query above it, as far as it is printed.

What counts as a figure, and when a number that a query returns is one, is defined in `tests/helpers/cookbook.py`.
"""

from __future__ import annotations

import duckdb
import pytest

from tests.helpers.cookbook import figures, not_returned, questions
from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none

PAGE = (PROJECT / "docs" / "cookbook.md").read_text(encoding="utf-8")
QUESTION = """### 1. What did India import?

```sql
select partner, usd, share, kg from (
    values ('China', 164562345, 0.829, 51356000), ('Japan, 98.6 % oxide', 3355693, 0.017, -4200)
) as imports (partner, usd, share, kg)
```
"""
ANSWER = "China 164.6 million US$, Japan 3.4, 98.6 % oxide: 82.9 % in 2024, 51,356 t of 850511, a change of −4.2 t."


def test_each_figure_of_the_cookbook_is_returned_by_a_query_of_its_question(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert_none(not_returned(published, PAGE))


def test_most_answers_of_the_cookbook_have_figures() -> None:
    asked = list(questions(PAGE))
    assert_none(title for title, queries, _ in asked if not queries)
    assert sum(any(figures(text)) for _, _, text in asked) > len(asked) / 2


def test_figures_that_a_query_returns_are_accepted() -> None:
    with duckdb.connect() as con:
        assert_none(not_returned(con, QUESTION + ANSWER))


@pytest.mark.parametrize(
    ("printed", "changed"),
    [
        ("164.6 million", "164.5 million"),
        ("Japan 3.4", "Japan 3.3"),
        ("98.6 %", "98.7 %"),
        ("82.9 %", "82.8 %"),
        ("51,356 t", "51,357 t"),
        ("51,356 t", "51,356 kg"),
        ("−4.2 t", "4.3 t"),
        ("in 2024", "in 24 months"),
    ],
)
def test_a_changed_figure_is_named_with_its_question(printed: str, changed: str) -> None:
    with duckdb.connect() as con:
        (found,) = not_returned(con, QUESTION + ANSWER.replace(printed, changed))
    assert found.startswith("1. What did India import? ")
    assert found.removeprefix("1. What did India import? ") in changed


@pytest.mark.parametrize(
    "text",
    [
        "2024, 2023-24 and 2024-04 are years and a month",
        "850511 and 28469099 are codes",
        "on 31 December 2024, from 24 March on",
        "questions 60 and 61, question 32, Nos. 55 to 58, 61 and 62, version 1.3, Data Series 140",
        "`95.5` and [a page](page-17.5.md)",
        "record 12 of MCS 2026",
    ],
)
def test_what_names_a_time_a_code_or_a_place_is_no_figure(text: str) -> None:
    assert not list(figures(text))
