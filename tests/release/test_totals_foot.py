"""Parts add up to their printed totals, within the precision of the printed digits."""

from __future__ import annotations

import pytest

FLOW = "source_code, reporter_code, flow, product_key, period_type, period_start"
PARTNERS_AND_TOTAL = f"""
with partners as (
    select {FLOW}, count(*) as n_partners,
        sum(value_usd) as parts_usd, sum(coalesce(value_rounding_usd, 0)) as rounding_usd,
        count(*) filter (where value_usd is null and value_status <> 'at_most') as n_unvalued,
        sum(net_weight_kg) as parts_kg, sum(coalesce(weight_rounding_kg, 0)) as rounding_kg,
        count(*) filter (where weight_status <> 'reported') as n_unweighed
    from core.fct_trade_flow where is_latest group by {FLOW}
)
select partners.*, totals.value_usd as whole_usd, coalesce(totals.value_rounding_usd, 0) as whole_rounding_usd,
    totals.net_weight_kg as whole_kg, coalesce(totals.weight_rounding_kg, 0) as whole_rounding_kg,
    totals.weight_status as whole_weight_status
from partners inner join core.fct_trade_total as totals using ({FLOW})
where totals.is_latest
"""
ONE_PARTNER_ASKED_FOR = (
    "(n_partners = 1 and (source_code, period_type) in (('un_comtrade', 'month'), ('pib_india', 'fiscal_year')))"
)
"""Queries and tables of China and the world only: they have one partner."""
SELECTED_PARTNERS = "(source_code = 'india_tradestat' and flow = 'export' and period_type like 'month%')"
"""India's monthly exports in kg: some of the partners were transcribed, all of the totals."""


def rows(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


def test_no_month_of_india_is_missing_in_the_bundle(published) -> None:
    months = rows(
        published,
        "select count(distinct period_start), date_diff('month', min(period_start), max(period_start)) + 1"
        " from core.fct_trade_total where source_code = 'india_tradestat' and period_type = 'month'"
        " and product_key = 'HS:2846' group by flow",
    )
    assert len(months) == 2
    assert all(held == due for held, due in months)


def test_values_of_partners_add_up_to_every_printed_total(published) -> None:
    compared = f"from ({PARTNERS_AND_TOTAL}) where n_unvalued = 0 and whole_usd is not null"
    off = rows(
        published,
        f"select * {compared} and not {ONE_PARTNER_ASKED_FOR}"
        " and abs(parts_usd - whole_usd) > rounding_usd + whole_rounding_usd + 0.01",
    )
    assert off == []
    above = f"select * {compared} and parts_usd > whole_usd + rounding_usd + whole_rounding_usd + 0.01"
    assert rows(published, above) == []
    n_flows = dict(rows(published, f"select source_code, count(*) {compared} group by 1"))
    assert n_flows["un_comtrade"] > 200
    assert n_flows["india_tradestat"] > 200


def test_weights_of_partners_add_up_to_every_printed_total(published) -> None:
    compared = f"from ({PARTNERS_AND_TOTAL}) where n_unweighed = 0 and whole_weight_status = 'reported'"
    off = rows(
        published,
        f"select * {compared} and not {SELECTED_PARTNERS}"
        " and abs(parts_kg - whole_kg) > rounding_kg + whole_rounding_kg + 0.01",
    )
    assert off == []
    above = f"select * {compared} and parts_kg > whole_kg + rounding_kg + whole_rounding_kg + 0.01"
    assert rows(published, above) == []
    n_flows = dict(rows(published, f"select source_code, count(*) {compared} group by 1"))
    assert set(n_flows) == {"un_comtrade", "india_tradestat", "pib_india"}
    assert min(n_flows.values()) >= 9


ROLLED = "source_code, release, known_from, reporter_code, partner_code, flow, period_type, period_start, period_end"


@pytest.mark.parametrize("figure", ["value_usd", "net_weight_kg"])
def test_a_roll_up_is_the_sum_of_the_lines_under_it(published, figure) -> None:
    """The lines are national flows of the same source, partner and period whose digits start with the heading's."""
    lines = (
        "select rolled.fact_id, max(rolled.n_lines) as n_lines, count(*) as n_found,"
        f" max(rolled.{figure}) as whole, sum(lines.{figure}) as parts"
        " from core.fct_trade_rollup as rolled inner join core.fct_trade_flow as lines"
        f" using ({ROLLED}) where rolled.is_latest and lines.is_latest and lines.product_key not like 'HS:%'"
        " and starts_with(lines.hs_code, rolled.hs_code) group by rolled.fact_id"
    )
    everyone = "(select count(*) from core.fct_trade_rollup where is_latest)"
    assert rows(published, f"select count(*) = {everyone} from ({lines})") == [(True,)]
    off = f"select * from ({lines}) where n_found <> n_lines or abs(whole - parts) > 0.01"
    assert rows(published, off) == []
    assert rows(published, f"select count(whole) from ({lines})")[0][0] > 500


@pytest.mark.parametrize("figure", ["value_usd", "net_weight_kg"])
def test_hs6_roll_ups_add_up_to_their_hs4(published, figure) -> None:
    both = (
        f"select max(heading.{figure}) as whole, sum(child.{figure}) as parts, count(*) as n, count(child.{figure})"
        " as n_known, max(heading.n_lines) as lines, sum(child.n_lines) as child_lines"
        " from core.fct_trade_rollup as heading inner join core.fct_trade_rollup as child"
        f" using ({ROLLED}) where heading.is_latest and child.is_latest and length(heading.hs_code) = 4"
        " and length(child.hs_code) = 6 and starts_with(child.hs_code, heading.hs_code) group by heading.fact_id"
    )
    assert rows(published, f"select * from ({both}) where lines <> child_lines") == []
    off = f"select * from ({both}) where n = n_known and abs(whole - parts) > 0.01 or whole < parts - 0.01"
    assert rows(published, off) == []
    assert rows(published, f"select count(*) from ({both}) where whole is not null and n = n_known")[0][0] > 50


def test_a_roll_up_proved_by_printed_totals_has_them_and_foots(published) -> None:
    footed = rows(
        published,
        "select rolled.source_code, rolled.product_key, rolled.period_start,"
        " sum(rolled.net_weight_kg) as parts, sum(rolled.value_usd) as parts_usd"
        " from core.fct_trade_rollup as rolled where rolled.is_latest and completeness = 'printed_total'"
        " and not exists (select 1 from core.fct_trade_total as totals where totals.is_latest"
        " and totals.source_code = rolled.source_code and totals.flow = rolled.flow"
        " and totals.period_type = rolled.period_type and totals.period_start = rolled.period_start"
        " and starts_with(totals.hs_code, rolled.hs_code)) group by 1, 2, 3",
    )
    assert footed == []


def test_light_and_medium_heavy_quotas_add_up_to_all(published) -> None:
    parts = rows(
        published,
        "select quota_type, year, batch, sum(quota_t_reo) filter (where earths <> 'all') as parts,"
        " max(quota_t_reo) filter (where earths = 'all') as whole, count(distinct earths) as n"
        " from core.fct_quota where is_latest group by 1, 2, 3 having n = 3",
    )
    assert len(parts) >= 10
    assert [row for row in parts if row[3] != row[4]] == []


def test_batches_of_quotas_add_up_to_their_year_where_all_are_known(published) -> None:
    years = rows(
        published,
        "select quota_type, year, string_agg(batch, ' ' order by batch) filter (where batch <> 'year') as batches,"
        " sum(quota_t_reo) filter (where batch <> 'year') as parts,"
        " max(quota_t_reo) filter (where batch = 'year') as whole"
        " from core.fct_quota where is_latest and earths = 'all' group by 1, 2 having count(*) > 1",
    )
    assert [row for row in years if row[3] > row[4]] == []
    whole = {(kind, year): (parts, total) for kind, year, batches, parts, total in years if "second" in batches}
    assert {("mining", 2024), ("mining", 2023), ("smelting_separation", 2024)} <= set(whole)
    assert [key for key, (parts, total) in whole.items() if parts != total] == []


def test_states_add_up_to_india_and_deposits_to_all_of_them(published) -> None:
    """AMD, November 2014: 11.93 Mt in six states; July 2025: sand and rock."""
    states = rows(
        published,
        "select period_start, sum(resources_t_monazite) filter (where region_name is not null) as parts,"
        " max(resources_t_monazite) filter (where region_name is null) as whole, count(region_name) as n"
        " from core.fct_resources where substance = 'monazite' and deposit = 'beach_sand' group by 1 having n > 0",
    )
    assert [(parts, whole, n) for _, parts, whole, n in states] == [(11_930_000, 11_930_000, 6)]
    deposits = rows(
        published,
        "select sum(resources_t_reo) filter (where deposit <> 'all') as parts,"
        " max(resources_t_reo) filter (where deposit = 'all') as whole from core.fct_resources"
        " where substance = 'reo' and region_name is null group by period_start having whole is not null",
    )
    assert deposits == [(8_520_000, 8_520_000)]


def test_bacis_complete_year_adds_up_to_its_world_in_value_and_weight(published) -> None:
    added = rows(
        published,
        "select product_key, year(period_start), sum(value_usd) filter (where coverage = 'complete') as parts,"
        " max(value_usd) filter (where coverage = 'world_total') as whole,"
        " sum(net_weight_kg) filter (where coverage = 'complete') as parts_kg,"
        " max(net_weight_kg) filter (where coverage = 'world_total') as whole_kg"
        " from core.fct_trade_reference where is_latest group by 1, 2 having bool_or(coverage = 'complete')",
    )
    assert [row[:2] for row in added] == [("HS:850511", 2024)]
    (_, _, parts, whole, parts_kg, whole_kg), *_ = added
    assert parts == pytest.approx(whole, abs=1)
    assert parts_kg == pytest.approx(whole_kg, abs=60), "the total is printed in tenths of a tonne"


def test_bacis_largest_flows_stay_below_their_world(published) -> None:
    above = rows(
        published,
        "select year(period_start), sum(value_usd) filter (where coverage = 'partial') as parts,"
        " max(value_usd) filter (where coverage = 'world_total') as whole from core.fct_trade_reference"
        " where product_key = 'HS:850511' and is_latest group by 1"
        " having bool_or(coverage = 'partial') and (whole is null or parts > whole)",
    )
    assert above == []


SIDES = [
    ("exporter", "export", "x_fob_usd", "x_weight_kg"),
    ("importer", "import", "m_cif_usd", "m_weight_kg"),
]


@pytest.mark.parametrize(("side", "flow", "value", "weight"), SIDES)
@pytest.mark.parametrize("figure", ["value_usd", "net_weight_kg"])
def test_a_mirror_year_built_from_months_is_the_sum_of_twelve_published_months(
    published, side, flow, value, weight, figure
) -> None:
    """A month is published where the reporter's flow lists a partner; one that leaves the partner out counts as 0."""
    of, basis, source = (
        (value, f"{side}_period_basis", f"{side}_source_code")
        if figure == "value_usd"
        else (weight, f"{side}_weight_period_basis", f"{side}_weight_source_code")
    )
    reporter, partner = ("exporter_code", "importer_code") if side == "exporter" else ("importer_code", "exporter_code")
    years = rows(
        published,
        "with months as (select source_code, reporter_code, partner_code, flow, product_key, period_start,"
        f" {figure} as figure from core.fct_trade_flow where is_latest and period_type = 'month' union all"
        f" select source_code, reporter_code, partner_code, flow, product_key, period_start, {figure}"
        " from core.fct_trade_rollup where is_latest and period_type = 'month')"
        f" select mirror.product_key, mirror.period_start, max(mirror.{of}) as year,"
        f" sum(months.figure) filter (where months.partner_code = mirror.{partner}) as added,"
        " count(distinct months.period_start) as n_months"
        f" from core.fct_trade_mirror as mirror inner join months on months.source_code = mirror.{source}"
        f" and months.reporter_code = mirror.{reporter} and months.flow = '{flow}'"
        " and months.product_key = mirror.product_key"
        " and months.period_start between mirror.period_start and mirror.period_end"
        f" where mirror.{basis} = 'built_from_months' group by mirror.fact_id, 1, 2",
    )
    assert [row for row in years if row[4] != 12 or row[2] != pytest.approx(row[3])] == []
    built = rows(published, f"select count(*) from core.fct_trade_mirror where {basis} = 'built_from_months'")
    assert len(years) == built[0][0]
    assert years or (side, figure) == ("importer", "net_weight_kg"), "India prints no monthly weight"
