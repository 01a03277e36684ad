"""Gate 1 of China's share of India's magnet imports as answered to Parliament: one release's table."""

from __future__ import annotations

from sources.reading.layouts import declared
from sources.registry import sources
from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import published_shares

_LINES = ", ".join(
    f"('PIB {release['prid']}', '{code}', '{release['measure']}', '{release['period_type']}',"
    f" {release['first_year']}, {release['last_year']})"
    for release in declared(sources()["pib_india"].package)["release"]
    if release["reader"] == "shares"
    for code in release["hs_codes"]
)
_PROMISED = f"""
with promised as (
    select partition_name, hs_code, share_measure, period_type, unnest(range(first_year, last_year + 1)) as year
    from (values {_LINES}) as releases (partition_name, hs_code, share_measure, period_type, first_year, last_year)
)
"""
"""What the releases of `layouts.toml` print."""

SUITE = Suite(
    table="pib_india__shares",
    gate=1,
    rules=(
        *published_shares.RULES,
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            _PROMISED + "select arriving.* from {batch} as arriving inner join partitions"
            " on arriving.partition_name = partitions.partition_name"
            " where reporter_code <> 'IND' or partner_code <> 'CHN' or flow <> 'import'"
            " or year(period_start) > partitions.year"
            " or (arriving.partition_name in (select partition_name from promised)"
            " and (arriving.partition_name, hs_code, share_measure, period_type, year(period_start)) not in"
            " (select * from promised))",
            "another release's table saved under this partition's name",
        ),
        no_rows(
            "every_share_of_the_printed_table_is_there",
            _PROMISED + "select * from promised where partition_name in (select partition_name from partitions)"
            " and (partition_name, hs_code, share_measure, period_type, year) not in"
            " (select partition_name, hs_code, share_measure, period_type, year(period_start) from {batch})",
            "a line of the printed table is missing",
        ),
    ),
)
