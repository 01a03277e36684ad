"""Rare-earth oxide, national lines, India's balance and importers' supply, against what publishers printed.

MEIDB: DGCI&S, Government of India, imports of 2846 by line in kg, calendar year 2024. PIB 2117701: Government of India,
answer of 2 April 2025, imports of 28053000 in tonnes. Comtrade: UN Comtrade, HS 850511, 2024, all
reporters, as bundled. GACC: General Administration of Customs of China, exports to India by line, 2025. USGS: Mineral
Commodity Summaries, Rare Earths.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sources.snapshot import BUNDLED
from warehouse.figures import RELATIVE_TOLERANCE, differs, exceeds

PANEL = Path(BUNDLED) / "un_comtrade" / "all_reporters_850511_2024.csv"
CHINA = "156"
DATAWEB = Path(BUNDLED) / "usitc_dataweb" / "imports_hts4_1993_2026.csv"
COMTRADE_CODES = {"IND": "699", "USA": "842", "JPN": "392", "KOR": "410", "DEU": "276", "VNM": "704"}
UNION = {
    "40", "56", "100", "191", "196", "203", "208", "233", "246", "251", "276", "300", "348", "372", "380", "428",
    "440", "442", "470", "528", "616", "620", "642", "703", "705", "724", "752",
}  # fmt: skip
"""Comtrade's codes of the European Union's members."""


def rows(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


def one(con, query: str) -> tuple:
    (row,) = rows(con, query)
    return row


@pytest.fixture(scope="module")
def panel() -> list[dict[str, str]]:
    with PANEL.open(encoding="utf-8", newline="") as text:
        return [row for row in csv.DictReader(text) if row["partner"] != "0" and row["partner"] != row["reporter"]]


def of_china(deliveries: dict[str, float]) -> tuple[float, float]:
    """China's share and the HHI of what suppliers delivered."""
    total = sum(deliveries.values())
    shares = {supplier: amount / total for supplier, amount in deliveries.items()}
    return shares.get(CHINA, 0.0), 10_000 * sum(share * share for share in shares.values())


def delivered(flows: list[dict[str, str]], supplier: str, amount: str) -> dict[str, float]:
    added: dict[str, float] = {}
    for row in flows:
        added[row[supplier]] = added.get(row[supplier], 0.0) + float(row[amount] or 0)
    return added


@pytest.mark.parametrize(
    ("importer", "share"), [("IND", 0.829), ("USA", 0.753), ("JPN", 0.273), ("KOR", 0.874), ("DEU", 0.854)]
)
def test_chinas_share_of_magnets_is_that_of_the_importers_own_report(published, panel, importer, share) -> None:
    """Comtrade, e.g. India: 164,562,345 of 198,522,055 US$ without its own re-imports."""
    flows = [row for row in panel if row["reporter"] == COMTRADE_CODES[importer] and row["flow"] == "M"]
    found = one(
        published,
        "select supply_basis, china_value_share, value_hhi, china_weight_share, weight_hhi, n_partners, is_complete"
        f" from marts.mart_importer_supply where importer_code = '{importer}' and product_key = 'HS:850511'"
        " and year = 2024",
    )
    assert found[0] == "import_reports"
    assert found[1:3] == pytest.approx(of_china(delivered(flows, "partner", "value")), rel=RELATIVE_TOLERANCE)
    assert found[3:5] == pytest.approx(of_china(delivered(flows, "partner", "netwgt")), rel=RELATIVE_TOLERANCE)
    assert found[1] == pytest.approx(share, abs=0.0005)
    assert found[5:] == (len(flows), True)


def test_the_union_is_one_importer_of_27_members_without_trade_among_them(published, panel) -> None:
    flows = [row for row in panel if row["flow"] == "M" and row["reporter"] in UNION and row["partner"] not in UNION]
    found = one(
        published,
        "select n_members, n_members_reporting, is_complete, listed_usd, china_value_share, value_hhi, listed_kg,"
        " china_weight_share, weight_hhi from marts.mart_importer_supply"
        " where importer_code = 'EU27' and product_key = 'HS:850511' and year = 2024",
    )
    value, weight = delivered(flows, "partner", "value"), delivered(flows, "partner", "netwgt")
    assert found[:3] == (27, 27, True)
    assert found[3:6] == pytest.approx((sum(value.values()), *of_china(value)), rel=RELATIVE_TOLERANCE)
    assert found[6:] == pytest.approx((sum(weight.values()), *of_china(weight)), rel=RELATIVE_TOLERANCE)


def test_viet_nam_reports_nothing_so_its_supply_is_from_exporters(published, panel) -> None:
    assert not [row for row in panel if row["reporter"] == COMTRADE_CODES["VNM"]]
    flows = [row for row in panel if row["flow"] == "X" and row["partner"] == COMTRADE_CODES["VNM"]]
    found = one(
        published,
        "select supply_basis, valuation, is_complete, n_partners, china_value_share, value_hhi"
        " from marts.mart_importer_supply"
        " where importer_code = 'VNM' and product_key = 'HS:850511' and year = 2024",
    )
    assert found[:4] == ("exporter_mirror", "unknown", False, len(flows)), "most files state no valuation"
    assert found[4:] == pytest.approx(of_china(delivered(flows, "reporter", "value")), rel=RELATIVE_TOLERANCE)


def test_no_share_is_given_where_only_china_reports_its_exports(published) -> None:
    found = rows(
        published,
        "select distinct china_value_share, china_weight_share from marts.mart_importer_supply"
        " where product_key = 'HS:280530' and coverage_note like '%single_exporter%'",
    )
    assert found == [(None, None)]
    japan = "select china_usd from marts.mart_importer_supply where importer_code = 'JPN' and product_key = 'HS:280530'"
    assert one(published, f"{japan} and year = 2024") == (58_231_290,)


def test_an_importer_missing_from_chinas_complete_listing_was_sent_nothing(published) -> None:
    """Comtrade, China's exports of 280530 in 2022: 26 partners add up to the printed 393,244,460 US$; no Viet Nam."""
    found = one(
        published,
        "select china_usd, china_kg, supply_basis, coverage_note, china_value_share from marts.mart_importer_supply"
        " where importer_code = 'VNM' and product_key = 'HS:280530' and year = 2022",
    )
    assert found == (0, 0, "exporter_mirror", "china_reports_none, single_exporter", None)
    zeros = rows(
        published,
        "select importer_code, count(*) from marts.mart_importer_supply"
        " where product_key = 'HS:280530' and coverage_note like '%china_reports_none%' group by 1 order by 1",
    )
    assert zeros == [("IND", 3), ("KOR", 1), ("VNM", 7)]


def test_a_year_without_reports_has_rows_with_that_status(published) -> None:
    silent = "select distinct supply_basis, china_usd from marts.mart_importer_supply"
    assert rows(published, f"{silent} where product_key = 'HS:850511' and year = 2022") == [("none", None)]
    india = "select coverage_note from marts.mart_importer_supply where importer_code = 'IND' and year = 2023"
    assert one(published, f"{india} and product_key = 'HS:2846'") == ("no_report, partners_in_quarantine",)


def test_the_united_states_take_compounds_from_china_by_their_own_report_of_selected_partners(published) -> None:
    """DataWeb, heading 2846, imports for consumption from China, customs value and kg: no total of all partners."""
    with DATAWEB.open(encoding="utf-8", newline="") as text:
        china = [
            row
            for row in csv.DictReader(text)
            if (row["months"], row["Country"], row["HTS Number"]) == ("", "China", "2846")
        ]

    def added(data_type: str, year: int) -> float:
        return sum(float(row[str(year)] or 0) for row in china if row["Data Type"] == data_type)

    years = range(1993, 2026)
    found = rows(
        published,
        "select year, china_usd, china_kg, valuation, supply_basis, china_value_share, listed_usd, holding_status,"
        " coverage_note from marts.mart_importer_supply where importer_code = 'USA' and product_key = 'HS:2846'"
        " and year <= 2025 order by year",
    )
    assert [row[:2] for row in found] == [(year, added("Customs Value", year)) for year in years]
    assert [row[2] for row in found] == [added("First Unit of Quantity", year) for year in years]
    assert {row[3:] for row in found} == {("FOB", "import_reports", None, None, "held", "selected_partners")}


def test_value_and_weight_have_a_status_each_that_says_whether_chinas_part_is_shown(published) -> None:
    untrue = rows(
        published,
        "select importer_code, product_key, year from marts.mart_importer_supply"
        " where (china_usd is null) = (value_holding_status = 'held')"
        " or (china_kg is null) = (weight_holding_status = 'held')"
        " or (holding_status = 'held') <> ('held' in (value_holding_status, weight_holding_status))",
    )
    assert untrue == []
    india = (
        "select distinct value_holding_status, weight_holding_status, holding_status from marts.mart_importer_supply"
        " where importer_code = 'IND' and product_key = 'HS:284610' and year in (2022, 2024)"
    )
    assert rows(published, india) == [("not_held", "held", "held")]


def test_the_valuation_is_that_of_the_reports(published) -> None:
    found = rows(
        published,
        "select supply.importer_code, supply.product_key, supply.year, supply.valuation"
        " from marts.mart_importer_supply as supply inner join core.trade_preferred_all_levels as flows"
        " on supply.importer_code = flows.reporter_code and supply.product_key = flows.product_key"
        " and supply.period_start = flows.period_start and supply.period_type = flows.period_type"
        " where supply.supply_basis = 'import_reports' and flows.flow = 'import' and flows.partner_code = 'CHN'"
        " and flows.value_usd is not null and supply.valuation <> flows.valuation",
    )
    assert found == []


LINES_2024 = {
    "28461010": (147_040, 1.0, 1.0),
    "28461090": (427_719, 0.1, 1.0),
    "28469010": (24_281, 1.0, 1.0),
    "28469020": (0, 0.5748, 0.8732),
    "28469030": (19_012, 0.2658, 0.7073),
    "28469090": (208_222, 0.1, 1.0),
}
"""MEIDB: kg imported from all countries in 2024, and the line's factors."""


BALANCE = "from marts.mart_india_supply_balance"


def test_indias_imports_of_compounds_in_2024_are_the_sum_of_its_lines_in_oxide(published) -> None:
    found = one(
        published,
        "select imports_kg, imports_reo_tonnes_low, imports_reo_tonnes_high, imports_usd"
        f" {BALANCE} where period_label = '2024' and stage_code = 'compound'",
    )
    low = sum(max(kg - 0.5, 0) * factor for kg, factor, _ in LINES_2024.values()) / 1000
    high = sum((kg + 0.5) * factor for kg, _, factor in LINES_2024.values()) / 1000
    assert found[0] == sum(kg for kg, _, _ in LINES_2024.values()) == 826_274
    assert found[1:3] == pytest.approx((low, high), rel=RELATIVE_TOLERANCE)
    assert found[3] == 12_830_000


def test_indias_imports_of_metals_are_between_bounds_by_element(published) -> None:
    """PIB 2117701, printed total: 761 t in 2021-22, to its last digit; from lutetium (1.1372) to scandium (1.5338)."""
    found = one(
        published,
        "select imports_kg, imports_reo_tonnes_low, imports_reo_tonnes_high, net_position_by_reo, unknowns"
        f" {BALANCE} where period_label = 'FY2021-22' and stage_code = 'metal'",
    )
    assert found[0] == 761_000
    assert found[1:3] == pytest.approx((760.5 * 1.1372, 761.5 * 1.5338), rel=RELATIVE_TOLERANCE)
    assert found[3:] == ("undetermined", "imports:no_value, exports:not_held")


def test_indias_production_is_at_the_stage_of_ore_and_its_trade_is_not(published) -> None:
    """USGS: 2,900 t in every year."""
    mined = rows(published, f"select distinct production_reo_tonnes {BALANCE} where stage_code = 'ore'")
    assert mined == [(2_900,)]
    others = "production_reo_tonnes is not null or imports_usd is null and exports_usd is null and imports_kg is null"
    assert rows(published, f"select * {BALANCE} where stage_code <> 'ore' and ({others})") == []


def test_months_of_indias_exports_add_up_to_what_the_partners_of_the_fiscal_year_weigh(published) -> None:
    """TradeStat, exports of 2846 by line and country, kg of fiscal year 2023-24: 5,803,787 in all that has a weight."""
    weighed = one(
        published,
        "select sum(net_weight_kg) from core.fct_trade_flow where reporter_code = 'IND' and flow = 'export'"
        " and product_key like 'IN:2846%' and period_type = 'fiscal_year' and period_start = date '2023-04-01'"
        " and is_latest",
    )
    found = one(published, f"select exports_kg {BALANCE} where period_label = 'FY2023-24' and stage_code = 'compound'")
    assert found[0] == weighed[0] == 5_803_787


def test_india_is_a_net_exporter_of_compounds_by_value_and_weight_in_every_year(published) -> None:
    """TradeStat: 2846 imported for 12.83 million US$ in 2024 and exported for 38.76; in 2023-24 1,086 t and 5,804 t."""
    found = rows(
        published,
        f"select period_label, net_position_by_value, net_position_by_weight {BALANCE}"
        " where stage_code = 'compound' order by period_type, period_start",
    )
    calendar, fiscal = [str(year) for year in range(2018, 2026)], [f"FY20{n}-{n + 1}" for n in range(18, 26)]
    assert [label for label, *_ in found] == calendar + fiscal
    assert {tuple(position) for _, *position in found} == {("net_exporter", "net_exporter")}


def test_oxide_leaves_the_position_of_compounds_open_and_the_row_says_so(published) -> None:
    found = rows(
        published,
        "select distinct net_position_by_reo, unknowns like '%reo:bounds_overlap%', net_imports_reo_tonnes_high >= 0"
        f" {BALANCE} where stage_code = 'compound'",
    )
    assert found == [("undetermined", True, True)]


def test_ferrite_is_not_in_indias_magnets(published) -> None:
    """PIB, line 85051190: 136.14 million US$ in 2024-25. TradeStat: exports of it 4.87, of ferrite 14.43."""
    found = one(
        published,
        "select imports_usd, exports_usd, net_position_by_value, net_position_by_reo, unknowns"
        f" {BALANCE} where period_label = 'FY2024-25' and stage_code = 'magnet'",
    )
    assert found[:4] == (136_140_000, 4_870_000, "net_importer", "undetermined")
    assert "reo:may_hold_none" in found[4]
    assert rows(published, f"select * {BALANCE} where stage_code = 'magnet' and period_type = 'calendar_year'") == []


def test_a_position_that_is_open_names_what_is_unknown(published) -> None:
    positions = "'undetermined' in (net_position_by_value, net_position_by_weight, net_position_by_reo)"
    assert rows(published, f"select * {BALANCE} where unknowns is null and {positions}") == []


def test_no_position_goes_against_the_bounds(published) -> None:
    against = (
        f"select * {BALANCE} where net_position_by_reo = 'net_exporter' and net_imports_reo_tonnes_high >= 0"
        " or net_position_by_reo = 'net_importer' and net_imports_reo_tonnes_low <= 0"
        f" or net_position_by_value = 'net_exporter' and {exceeds('imports_usd', 'exports_usd')}"
        f" or net_position_by_value = 'net_importer' and {exceeds('exports_usd', 'imports_usd')}"
        f" or {exceeds('imports_reo_tonnes_low', 'imports_reo_tonnes_high')}"
        f" or {exceeds('exports_reo_tonnes_low', 'exports_reo_tonnes_high')}"
        f" or {differs('net_imports_reo_tonnes_high', 'imports_reo_tonnes_high - exports_reo_tonnes_low')}"
    )
    assert rows(published, against) == []


def test_chinas_oxides_count_one_to_one_and_its_baskets_have_no_centre(published) -> None:
    others = f"count(*) filter (where {differs('reo_tonnes_central', 'net_weight_kg / 1000')})"
    n_oxides, n_others = one(
        published,
        f"select count(reo_tonnes_central), {others} from core.trade_preferred_all_levels"
        " where product_key like 'CN:2846901%'",
    )
    assert (n_oxides > 0, n_others) == (True, 0)
    baskets = "product_key in ('HS:850511', 'HS:284690')"
    centred = f"select count(reo_tonnes_central) from core.trade_preferred_all_levels where {baskets}"
    assert one(published, centred) == (0,)


def test_a_roll_ups_oxide_is_no_wider_than_its_code_allows(published) -> None:
    wider = rows(
        published,
        "select rollup.fact_id from core.fct_trade_rollup as rollup inner join core.dim_reo_factor as factor"
        " on rollup.product_key = factor.product_key"
        " where "
        + exceeds("rollup.reo_tonnes_high", "(rollup.net_weight_kg + rollup.weight_rounding_kg) / 1000 * factor_high")
        + " or "
        + exceeds("(rollup.net_weight_kg - rollup.weight_rounding_kg) / 1000 * factor_low", "rollup.reo_tonnes_low"),
    )
    assert wider == []
    narrower = one(
        published,
        "select count(*) from core.fct_trade_rollup as rollup inner join core.dim_reo_factor as factor"
        " on rollup.product_key = factor.product_key where "
        + exceeds("reo_tonnes_low", "net_weight_kg / 1000 * factor_low * 1.5"),
    )
    assert narrower[0] > 0


def test_lines_joined_by_their_digits_would_mix_two_countries_and_by_their_key_do_not(published) -> None:
    mixed = (
        "select distinct line.product_key from core.fct_trade_flow as flow inner join core.dim_national_line as line"
        " on {condition} where flow.reporter_code <> line.country_code and flow.product_key not like 'HS:%'"
    )
    wrong = {key for (key,) in rows(published, mixed.format(condition="flow.hs_code = line.hs_code"))}
    assert {"CN:85051110", "CN:72029911"} <= wrong
    assert rows(published, mixed.format(condition="flow.product_key = line.product_key")) == []


def test_the_same_digits_are_ferrite_cores_in_india_and_rare_earth_magnets_in_china(published) -> None:
    found = rows(
        published,
        "select product_key, country_code, description, parent_key, same_digits_keys from core.dim_national_line"
        " where hs_code = '85051110' order by product_key",
    )
    magnets = "Permanent magnets of metal with Nd, Pr, Dy or Sm"
    assert found == [
        ("CN:85051110", "CHN", "Permanent magnets of rare-earth metals", "HS:850511", "GB:85051110, IN:85051110"),
        ("GB:85051110", "GBR", magnets, "HS:850511", "CN:85051110, IN:85051110"),
        ("IN:85051110", "IND", "Ferrite cores", "HS:850511", "CN:85051110, GB:85051110"),
    ]
