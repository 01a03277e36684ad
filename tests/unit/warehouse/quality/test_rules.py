"""The suites as data: complete, without duplicates, and readable without Great Expectations."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

import pytest

from sources.registry import table_specs
from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none
from warehouse.quality.expectations.rules import Suite, in_set
from warehouse.quality.expectations.suites import gate_one, gate_two, suite_of

SUITES = {**gate_one(), **gate_two()}
RULES = [(suite, rule) for suite in SUITES.values() for rule in suite.rules]


def test_every_raw_table_has_a_suite_of_gate_one() -> None:
    assert set(gate_one()) == set(table_specs())
    assert {suite.gate for suite in gate_one().values()} == {1}


def test_every_published_fact_has_a_suite_of_gate_two() -> None:
    facts = {path.stem for path in (PROJECT / "dbt_project" / "models" / "core").rglob("fct_*.sql")}
    assert set(gate_two()) == facts
    assert {suite.gate for suite in gate_two().values()} == {2}


def test_a_suite_is_named_after_its_table_and_no_two_of_its_rules_share_a_name() -> None:
    assert_none(
        f"{table}: its suite is that of {suite.table}" for table, suite in SUITES.items() if table != suite.table
    )
    names = Counter((suite.table, rule.name) for suite, rule in RULES)
    assert_none(f"{table}: {n} rules are called {name}" for (table, name), n in names.items() if n > 1)


def test_two_rules_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse.quality.facts import fct_reserves

    doubled = Suite("fct_reserves", 2, (*fct_reserves.SUITE.rules, fct_reserves.SUITE.rules[0]))
    monkeypatch.setattr(fct_reserves, "SUITE", doubled)
    with pytest.raises(ValueError, match="share a name"):
        suite_of.__wrapped__("fct_reserves")


def test_a_rule_is_a_sentence_with_a_reason() -> None:
    assert_none(
        f"{suite.table}: {rule.name!r} ({rule.severity}) because {rule.why!r}"
        for suite, rule in RULES
        if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", rule.name)
        or not rule.why
        or rule.severity not in ("critical", "warning")
    )


def test_a_closed_list_comes_with_not_null_since_it_passes_on_nulls() -> None:
    """Except bases, reasons, terms and scopes, where null means that none is stated."""
    may_be_null = {
        *("basis_code", "public_basis", "reason_code", "price_terms"),
        *("affected_flow", "subject", "magnet_use", "ended_on_precision"),
    }
    listed = {
        (suite.table, rule.column, rule.severity)
        for suite, rule in RULES
        if rule.expectation == "ExpectColumnValuesToBeInSet" and rule.column not in may_be_null
    }
    never_null = {
        (suite.table, rule.column, rule.severity)
        for suite, rule in RULES
        if rule.expectation == "ExpectColumnValuesToNotBeNull"
    }
    assert listed
    assert_none(listed - never_null)


def test_in_set_yields_the_list_and_not_null() -> None:
    listed, never_null = in_set("flow", ("import", "export"), "why")
    assert listed.arguments["value_set"] == ["import", "export"]
    assert never_null.expectation == "ExpectColumnValuesToNotBeNull"
    assert listed.column == never_null.column == "flow"


def test_no_rule_forgives_a_share_of_its_rows() -> None:
    """`mostly` hides the total failure of a small group."""
    assert_none(f"{suite.table}: {rule.name}" for suite, rule in RULES if "mostly" in rule.arguments)


def test_a_query_reads_the_batch_and_has_no_other_placeholder() -> None:
    queries = [
        (f"{suite.table}: {rule.name}", str(rule.arguments["unexpected_rows_query"]))
        for suite, rule in RULES
        if rule.expectation == "UnexpectedRowsExpectation"
    ]
    assert queries
    fields = {name: re.findall(r"\{([^}]*)\}", query) for name, query in queries}
    assert_none(f"{name} has {{{field}}}" for name, found in fields.items() for field in set(found) - {"batch"})
    assert_none(
        f"{name} uses no table: {query}"
        for name, query in queries
        if not fields[name] and not re.search(r"from mart_\w+|from \w+__new|from (rejects|partitions)", query)
    )


def test_suites_are_known_without_importing_great_expectations() -> None:
    code = (
        "import sys\n"
        "from warehouse.quality.expectations.suites import gate_one, gate_two\n"
        "import warehouse.quality.expectations.runner, warehouse.quality.gates\n"
        "assert gate_one() and gate_two()\n"
        "sys.exit('great_expectations' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0
