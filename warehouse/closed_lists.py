"""Closed lists: the values a column may have, by the column's name, wherever it is published.

The lists of a feed's columns are in `sources/model/feeds.py`. Those of columns that models derive are in the vars of
`dbt_project.yml`: `closed_lists`, and `closed_lists_as` for columns that share another column's list. The macro
`closed_lists()` merges them for dbt in the same way.
"""

from __future__ import annotations

from functools import cache

from sources.model.feeds import CLOSED_LISTS
from warehouse.project_vars import project_vars


@cache
def closed_lists() -> dict[str, tuple[str, ...]]:
    """Every closed list by column: `{"flow": ("import", "export"), …}`.

    Raises:
        KeyError: a column of `closed_lists_as` names a column without a list.
    """
    declared = project_vars()
    lists = CLOSED_LISTS | {column: tuple(values) for column, values in declared["closed_lists"].items()}
    return lists | {column: lists[other] for column, other in declared["closed_lists_as"].items()}
