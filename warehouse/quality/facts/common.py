"""Gate 2 rules that several published facts share.

Queries see the last release's table as `last_<table>`; it has no rows before the first release.
"""

from __future__ import annotations

from warehouse.figures import differs, exceeds
from warehouse.quality.expectations.rules import Rule, no_rows

DRIFT_PREFIX = "drift_"
"""Rules about change since the last release: an accepted change of method turns them into warnings."""

DRIFT_SHARE = 0.05
"""Share of the latest figures of a table that may go or change by a factor of two between releases (assumption)."""


def drift(table: str, value: str, key: str, latest: str = "is_latest") -> tuple[Rule, ...]:
    """The latest figures still exist and are of the same size, within what publishers usually revise.

    `key` names the measured thing (not the release that states it), so that a superseded or withdrawn figure is seen.
    """
    parts = key.split(", ")
    # null-safe: a part of the key may be null (the region, for a whole country)
    then_and_now = (
        f"(select {key}, {value} as was from {{gone}} where {latest}) as last"
        f" left join (select {key}, {value} as becomes, true as is_there from {{new}} where {latest}) as now"
        f" on {' and '.join(f'last.{part} is not distinct from now.{part}' for part in parts)}"
    )
    most = f"{DRIFT_SHARE} * (select count(*) from last_{table} where {latest})"
    return (
        no_rows(
            f"{DRIFT_PREFIX}no_more_than_one_in_twenty_latest_figures_is_gone",
            "select * from (select count(*) filter (where is_there is null) as n_gone"
            f" from {then_and_now}) where n_gone > {most}",
            "publishers withdraw single figures; many at once are a cut file or our own mistake",
        ),
        no_rows(
            f"{DRIFT_PREFIX}no_more_than_one_in_twenty_latest_figures_doubles_or_halves",
            "select * from (select"
            f" count(*) filter (where {exceeds('becomes', '2 * was')} or {exceeds('0.5 * was', 'becomes')}) as n_off"
            f" from {then_and_now}) where n_off > {most}",
            "publishers revise by percents; many figures off by a factor of two are another unit",
        ),
        no_rows(
            f"{DRIFT_PREFIX}every_latest_figure_is_as_it_was",
            f"select {', '.join(f'last.{part}' for part in parts)}, was, becomes from {then_and_now}"
            f" where is_there is null or (was is null) <> (becomes is null) or {differs('was', 'becomes')}",
            "each figure revised or withdrawn since the last release, by name",
            severity="warning",
        ),
    )


def no_failed_rule(name: str, why: str) -> Rule:
    """A rule that dbt evaluates figure by figure (`meta.failed_rules`): none of the table's figures fails it."""
    return no_rows(
        name,
        f"select words, fact_id, other_fact_id from failed_rules where rule = '{name}'"
        " and fact_id in (select fact_id from {batch}) order by all",
        why,
        severity="warning",
    )


VALID_ON = "{fact}.known_from <= {day} and coalesce({day} < {fact}.known_to, true)"
"""Condition under which a fact is what was known at the end of a day. Sums are of what is known together on a day: an
unchanged figure stays with the release that stated it first, so a release alone states only what it changed."""

KNOWN_TOGETHER = (
    "coalesce({fact}.known_from < {other}.known_to, true) and coalesce({other}.known_from < {fact}.known_to, true)"
)
"""Condition under which two facts were known on a common day."""

EDITION_DAYS = """
stated as (
    select source_code, edition, known_from, known_to from fct_production
    union all select source_code, edition, known_from, known_to from fct_reserves
    union all select source_code, edition, known_from, known_to from fct_world_total
    union all select source_code, edition, known_from, known_to from fct_other_countries_total
), editions as (
    select source_code, edition, min(known_from) as first_day,
        lead(min(known_from)) over (partition by source_code order by min(known_from)) as next_edition_from
    from stated group by source_code, edition
), changed as (
    select source_code, edition, known_from as day from stated
    union select source_code, edition, known_to from stated where known_to is not null
), days as (
    select editions.source_code, editions.edition, changed.day from editions inner join changed
    on editions.source_code = changed.source_code and editions.edition is not distinct from changed.edition
    where changed.day >= editions.first_day and coalesce(changed.day < editions.next_edition_from, true)
)
"""
"""Common table expressions up to `days`: each day on which an edition of production and reserves changed, until the
next edition of its source begins and ends what it restates."""

ONE_CURRENT_STATEMENT = no_rows(
    "known_to_follows_known_from",
    "select * from {new} where known_to < known_from",
    "a statement cannot end before it starts",
)

OXIDE_BOUNDS = no_rows(
    "oxide_equivalents_lie_between_their_bounds",
    f"select * from {{new}} where reo_tonnes_low < 0 or {exceeds('reo_tonnes_low', 'reo_tonnes_high')}"
    f" or {exceeds('reo_tonnes_low', 'reo_tonnes_central')}"
    f" or {exceeds('reo_tonnes_central', 'reo_tonnes_high')}"
    " or (reo_factor_id is null and coalesce(reo_tonnes_low, reo_tonnes_central, reo_tonnes_high) is not null)",
    "a centre outside its bounds, or an equivalent that no factor explains, is a wrong factor",
)
