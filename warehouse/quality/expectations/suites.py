"""Which suite judges which table: the module of the table's own name, else the rules of the raw table's feed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from sources.registry import table_specs
from warehouse.facts import facts as registered_facts
from warehouse.quality import facts, feeds, raw
from warehouse.quality.expectations.rules import Suite, with_views_of
from warehouse.quality.feeds.loads import time_rules


@cache
def suite_of(table: str) -> Suite:
    """The suite of one raw table or published fact.

    A raw table without a module in `warehouse/quality/raw` is judged by the `RULES` of its feed alone. Every raw table
    is also judged by the rules that follow from its feed's time.

    Raises:
        ModuleNotFoundError: a published fact without a module in `warehouse/quality/facts`.
        ValueError: two rules of the suite share a name.
    """
    package = facts if table in registered_facts() else raw
    name = f"{package.__name__}.{table}"
    if package is raw and find_spec(name) is None:
        suite = Suite(table, 1, import_module(f"{feeds.__name__}.{table_specs()[table].feed}").RULES)
    else:
        suite = import_module(name).SUITE
        suite = replace(suite, rules=tuple(with_views_of(table, rule) for rule in suite.rules))
    if package is raw:
        suite = replace(suite, rules=(*suite.rules, *time_rules(table_specs()[table].feed)))
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
    return {table: suite_of(table) for table in registered_facts()}
