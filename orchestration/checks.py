"""Expectations and dbt tests as Dagster asset checks.

Belongs here: translating rules and results into Dagster's words. Does not belong here: judging.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import dagster as dg

from warehouse.expectations.rules import Suite
from warehouse.expectations.runner import Result

_SEVERITY = {"critical": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}


def specs_of(suite: Suite, key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """One check for each rule of a suite."""
    return [
        dg.AssetCheckSpec(rule.name, asset=key, description=f"{rule.why.capitalize()} ({rule.severity}).")
        for rule in suite.rules
    ]


def results_of(suite: Suite, key: dg.AssetKey, results: Iterable[Result]) -> Iterator[dg.AssetCheckResult]:
    """One check result for each rule, of all the results it had: partitions judged alone are put together.

    A rule without a result judged nothing in this run (nothing new was loaded) and holds.
    """
    found: dict[str, list[Result]] = {}
    for result in results:
        if result.table_name == suite.table:
            found.setdefault(result.rule, []).append(result)
    for rule in suite.rules:
        mine = found.get(rule.name, [])
        failed = [result for result in mine if not result.success]
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=rule.name,
            passed=not failed,
            severity=_SEVERITY[failed[0].severity if failed else rule.severity],
            description=_in_words(mine, failed),
            metadata={"sample": failed[0].sample} if failed and failed[0].sample else {},
        )


def _in_words(mine: list[Result], failed: list[Result]) -> str:
    if not mine:
        return "Nothing new to judge."
    if not failed:
        return "Holds."
    return "; ".join(
        f"{result.partition or 'this load'}: "
        + (f"could not be evaluated: {result.observed}" if result.raised else f"{result.unexpected_count or 0} found")
        for result in failed
    )
