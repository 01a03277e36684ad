"""Gate 1 rules that hold of any load.

Queries see the arriving rows, `partitions` (the partitions of this load, their years, and the parts of their names as
columns `key_…`), `rejects` (rejected records) and `expected_rejects` (the reasons that the table's parser declares).
"""

from __future__ import annotations

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

COMPLETE_WITHOUT = "('breakdown_row', 'blank_cells', 'other_flow', 'unknown_partner')"
"""Reasons of rejects without which the partners of a partition are complete, as a list in SQL: repetitions, empty
cells, other flows, and unknown partners of at most a thousandth of their flow."""

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
