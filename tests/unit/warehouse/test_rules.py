"""The suites as data: complete, without doubles, and known without Great Expectations."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sources.registry import table_specs
from warehouse.expectations.rules import Rule, Suite, in_set
from warehouse.expectations.suites import gate_one, gate_two, suite_of

PROJECT = Path(__file__).resolve().parents[3]
SUITES = {**gate_one(), **gate_two()}
RULES = [(suite, rule) for suite in SUITES.values() for rule in suite.rules]


def rule_id(value: Suite | Rule) -> str:
    return value.table if isinstance(value, Suite) else value.name


def test_every_raw_table_has_a_suite_of_gate_one() -> None:
    assert set(gate_one()) == set(table_specs())
    assert {suite.gate for suite in gate_one().values()} == {1}


def test_every_published_fact_has_a_suite_of_gate_two() -> None:
    facts = {path.stem for path in (PROJECT / "dbt_project" / "models" / "core").glob("fct_*.sql")}
    assert set(gate_two()) == facts
    assert {suite.gate for suite in gate_two().values()} == {2}


@pytest.mark.parametrize("suite", SUITES.values(), ids=rule_id)
def test_a_suite_is_named_after_its_table_and_no_two_of_its_rules_share_a_name(suite: Suite) -> None:
    assert SUITES[suite.table] is suite
    names = [rule.name for rule in suite.rules]
    assert len(names) == len(set(names))


def test_two_rules_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse.expectations import fct_reserves

    doubled = Suite("fct_reserves", 2, (*fct_reserves.SUITE.rules, fct_reserves.SUITE.rules[0]))
    monkeypatch.setattr(fct_reserves, "SUITE", doubled)
    with pytest.raises(ValueError, match="share a name"):
        suite_of.__wrapped__("fct_reserves")


@pytest.mark.parametrize(("suite", "rule"), RULES, ids=rule_id)
def test_a_rule_is_a_sentence_with_a_reason(suite: Suite, rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", rule.name)
    assert rule.why
    assert rule.severity in ("critical", "warning")


@pytest.mark.parametrize(
    ("suite", "rule"),
    [(suite, rule) for suite, rule in RULES if rule.expectation == "ExpectColumnValuesToBeInSet"],
    ids=rule_id,
)
def test_a_closed_list_comes_with_not_null_since_it_passes_on_nulls(suite: Suite, rule: Rule) -> None:
    not_null = {r.column: r for r in suite.rules if r.expectation == "ExpectColumnValuesToNotBeNull"}
    if rule.column == "basis_code":
        return  # null is the meaning of "nothing is said"
    assert rule.column in not_null
    assert not_null[rule.column].severity == rule.severity


def test_in_set_yields_the_list_and_not_null() -> None:
    listed, never_null = in_set("flow", ("import", "export"), "why")
    assert listed.arguments["value_set"] == ["import", "export"]
    assert never_null.expectation == "ExpectColumnValuesToNotBeNull"
    assert listed.column == never_null.column == "flow"


@pytest.mark.parametrize(("suite", "rule"), RULES, ids=rule_id)
def test_no_rule_forgives_a_share_of_its_rows(suite: Suite, rule: Rule) -> None:
    """`mostly` hides the total failure of a small group."""
    assert "mostly" not in rule.arguments


@pytest.mark.parametrize(
    ("suite", "rule"),
    [(suite, rule) for suite, rule in RULES if rule.expectation == "UnexpectedRowsExpectation"],
    ids=rule_id,
)
def test_a_query_speaks_of_the_batch_and_its_braces_are_filled_by_that_alone(suite: Suite, rule: Rule) -> None:
    query = rule.arguments["unexpected_rows_query"]
    fields = re.findall(r"\{([^}]*)\}", query)
    assert set(fields) <= {"batch"}
    assert fields or re.search(r"from mart_\w+", query) or "from rejects" in query


def test_suites_are_known_without_importing_great_expectations() -> None:
    code = (
        "import sys\n"
        "from warehouse.expectations.suites import gate_one, gate_two\n"
        "import warehouse.expectations.runner, warehouse.gates\n"
        "assert gate_one() and gate_two()\n"
        "sys.exit('great_expectations' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0
