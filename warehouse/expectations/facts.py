"""Gate 2 rules that several published facts share.

Belongs here: drift against the last release, and what holds of any fact. Does not belong here: one table's rules.

The last release's tables stand beside the candidate's under the name `last_<table>`, with no row before the first
release.
"""

from __future__ import annotations

from warehouse.expectations.rules import Rule, no_rows

DRIFT_PREFIX = "drift_"
"""Rules about change since the last release: an accepted change of method turns them into warnings."""


def drift(table: str, value: str) -> tuple[Rule, ...]:
    """The candidate still says what the last release said: a publisher's revision is a new fact beside the old."""
    return (*drift_of_derived(table, value), _few_change(table, value))


def _few_change(table: str, value: str) -> Rule:
    return no_rows(
        f"{DRIFT_PREFIX}no_more_than_one_in_twenty_facts_changes_its_value",
        f"select * from (select count(*) as n_last,"
        f" count(*) filter (where now.{value} is distinct from last.{value}) as n_changed"
        f" from last_{table} as last inner join {{batch}} as now on last.fact_id = now.fact_id)"
        " where n_changed > 0.05 * n_last",
        "a release's figure does not change under its id: a change is a new way of reading old bytes",
    )


def drift_of_derived(table: str, value: str) -> tuple[Rule, ...]:
    """The same for facts derived from others, whose values move with every revision: none may be lost."""
    return (
        no_rows(
            f"{DRIFT_PREFIX}no_more_than_one_in_twenty_facts_is_lost",
            f"select * from (select count(*) as n_last, count(*) filter (where now.fact_id is null) as n_lost"
            f" from last_{table} as last left join {{batch}} as now on last.fact_id = now.fact_id)"
            " where n_lost > 0.05 * n_last",
            "facts are superseded, not removed: a loss is a parser's or a publisher's accident",
        ),
        no_rows(
            f"{DRIFT_PREFIX}every_fact_of_the_last_release_is_there_unchanged",
            f"select last.fact_id, last.{value} as was, now.{value} as becomes"
            f" from last_{table} as last left join {{batch}} as now on last.fact_id = now.fact_id"
            f" where now.fact_id is null or now.{value} is distinct from last.{value}",
            "each lost or changed fact by name",
            severity="warning",
        ),
    )


ONE_CURRENT_STATEMENT = no_rows(
    "known_to_follows_known_from",
    "select * from {batch} where known_to < known_from",
    "a statement cannot end before it began",
)
