"""Expectations and dbt tests as Dagster asset checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import dagster as dg

from warehouse.quality.expectations.rules import Severity, Suite
from warehouse.quality.expectations.runner import Result
from warehouse.wording import example

_SEVERITY: dict[Severity, dg.AssetCheckSeverity] = {
    "critical": dg.AssetCheckSeverity.ERROR,
    "warning": dg.AssetCheckSeverity.WARN,
}
_ABOUT: dict[Severity, str] = {
    "critical": "a failure stops the load or the release",
    "warning": "failures are published with the release",
}


def check_name(suite: Suite, severity: Severity) -> str:
    """Name of the check for a suite's rules of one severity: `gate_1_critical`."""
    return f"gate_{suite.gate}_{severity}"


def _severities(suite: Suite) -> list[Severity]:
    return sorted({rule.severity for rule in suite.rules})


def specs_of(suite: Suite, key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """One check for the critical rules of a suite and one for its warnings; their metadata lists the rules."""
    return [
        dg.AssetCheckSpec(
            check_name(suite, severity),
            asset=key,
            description=f"{sum(r.severity == severity for r in suite.rules)} rules of gate {suite.gate}: "
            f"{_ABOUT[severity]}.",
            metadata={rule.name: rule.why for rule in suite.rules if rule.severity == severity},
        )
        for severity in _severities(suite)
    ]


def results_of(suite: Suite, key: dg.AssetKey, results: Iterable[Result]) -> Iterator[dg.AssetCheckResult]:
    """One check result per severity, with the outcome of every rule over all partitions.

    A rule without a result had nothing to judge in this run, since nothing new was loaded, and counts as passed.
    """
    found: dict[str, list[Result]] = {}
    for result in results:
        if result.table_name == suite.table:
            found.setdefault(result.rule, []).append(result)
    for severity in _severities(suite):
        rules = [rule.name for rule in suite.rules if rule.severity == severity]
        failed = [result for name in rules for result in found.get(name, []) if not result.success]
        stops = any(result.stops for result in failed)
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=check_name(suite, severity),
            passed=not failed,
            severity=_SEVERITY["critical" if stops else "warning"] if failed else _SEVERITY[severity],
            description="\n".join(_in_words(result) for result in failed) or _passed(rules, found),
            metadata={name: _outcome(found.get(name, [])) for name in rules},
        )


def _passed(rules: list[str], found: dict[str, list[Result]]) -> str:
    judged = sum(name in found for name in rules)
    return f"{judged} of {len(rules)} rules passed." if judged else "Nothing new to judge."


def _outcome(results: list[Result]) -> str:
    if not results:
        return "nothing new to judge"
    failed = [result for result in results if not result.success]
    return "; ".join(_in_words(result) for result in failed) or "passed"


def _in_words(result: Result) -> str:
    """A failed rule in sentences: `two_layouts_agree: 1 found. They differ. Example: flow export, …`."""
    where = f"{result.partition}: " if result.partition else ""
    if result.raised:
        return f"{where}{result.rule} could not be evaluated: {result.observed}"
    sample = f" Example: {example(result.sample)}." if result.sample else ""
    why = f"{result.why[:1].upper()}{result.why[1:].rstrip('.')}."
    return f"{where}{result.rule}: {result.unexpected_count or 0} found. {why}{sample}"
