"""Gate 1 rules that hold of any load.

Queries see the arriving rows, each with its `partition_name` and `known_from`, `partitions` (the partitions of this
load, their years and layouts, and the parts of their names as columns `key_…`), `rejects` (rejected records) and
`expected_rejects` (the reasons that the table's parser declares).
"""

from __future__ import annotations

from sources.model.feeds import FEED_TIMES
from warehouse.quality.expectations.rules import Rule, no_rows


def every_partition_has_rows(why: str) -> Rule:
    """At least one row, or one record set aside, in every partition."""
    return no_rows(
        "every_partition_has_at_least_one_row",
        "select partitions.* from partitions where partition_name not in"
        " (select partition_name from {batch} union all select partition_name from rejects)",
        why,
    )


PARTITIONS_ARE_NAMED = no_rows(
    "partitions_have_names_of_their_publisher",
    "select * from partitions where not has_key",
    "a name of another form says nothing of what the rows must be",
)

COMPLETE_WITHOUT = "('breakdown_row', 'blank_cells', 'other_flow', 'country_group', 'unknown_partner')"
"""Reasons of rejects without which the partners of a partition are complete, as a list in SQL: repetitions, empty
cells, other flows, groups of partners, and unknown partners of at most a thousandth of their flow."""

UNKNOWN_PARTNERS = no_rows(
    "every_partner_is_known",
    "select * from rejects where reason_code = 'unknown_partner'",
    "small partners whose names are not known are set aside; the printed totals contain them. Add the names to the file"
    " that REE_OWN_LABELS names",
    severity="warning",
)

REJECTS_ARE_EXPECTED = no_rows(
    "rejects_are_expected",
    "select * from rejects where reason_code not in (select reason_code from expected_rejects)",
    "a record was rejected for an unexpected reason",
)


def time_rules(feed: str) -> tuple[Rule, ...]:
    """A measured period has ended when it is known; no rule for a feed that is forward."""
    time = FEED_TIMES[feed]
    if time.is_forward:
        return ()
    query = (
        f"select partition_name, {time.first_day}, {time.last_day}, known_from, count(*) as n_rows from {{batch}}"
        f" where {time.last_day} > known_from or {time.last_day} < {time.first_day} group by all"
    )
    return (
        no_rows(
            "measured_periods_have_ended_when_they_are_known",
            query,
            "a period that is not over has no figure: the month or the year is misprinted, or known_from is wrong",
        ),
    )
