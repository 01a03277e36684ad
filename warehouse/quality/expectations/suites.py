"""Which suite judges which table: the module of the table's own name.

Belongs here: finding suites. Does not belong here: their rules.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from sources.registry import table_specs
from warehouse.quality import facts, raw
from warehouse.quality.expectations.rules import Suite

GATE_TWO_TABLES = (
    "fct_production",
    "fct_reserves",
    "fct_world_total",
    "fct_trade_flow",
    "fct_trade_total",
    "fct_trade_mirror",
    "fct_trade_rollup",
    "fct_trade_reference",
    "fct_published_share",
    "fct_quota",
    "fct_resources",
)
"""Published facts, each with a suite."""


@cache
def suite_of(table: str) -> Suite:
    """The suite of one raw table or published fact.

    Raises:
        ModuleNotFoundError: the table has no expectation module.
    """
    package = facts if table in GATE_TWO_TABLES else raw
    suite: Suite = import_module(f"{package.__name__}.{table}").SUITE
    names = [rule.name for rule in suite.rules]
    if len(set(names)) != len(names):
        msg = f"{table}: two rules share a name"
        raise ValueError(msg)
    return suite


def gate_one() -> dict[str, Suite]:
    """Suites of the raw tables."""
    return {table: suite_of(table) for table in table_specs()}


def gate_two() -> dict[str, Suite]:
    """Suites of the published facts."""
    return {table: suite_of(table) for table in GATE_TWO_TABLES}
