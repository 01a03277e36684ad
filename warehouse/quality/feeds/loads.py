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

REJECTS_ARE_EXPECTED = no_rows(
    "rejects_are_expected",
    "select * from rejects where reason_code not in (select reason_code from expected_rejects)",
    "a record was rejected for an unexpected reason",
)
