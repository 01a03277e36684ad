"""A home built from the bundle that later gets the same publishers' own files: what says the same is no new statement.

The files are written from the bundled figures in the publishers' layouts: the USGS's editions with other row numbers
and whole notes, a whole file of China's exports beside two extracts of them, months of Comtrade and TradeStat of which
one is revised. Where REE_PUBLISHER_FILES names a folder that has them, the USGS's real files take part too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from tests.helpers.home_fixtures import SMALL, SnapshotFolder
from tests.helpers.project import PROJECT
from tests.helpers.publisher_files import PUBLISHER_FILES
from tests.publishers.un_comtrade.builders import body, bulk, record
from warehouse.release.store import current_release, database
from warehouse.settings import Settings

pytestmark = pytest.mark.slow
MCS_2024, MCS_2025 = "usgs_mcs/mcs2024-raree_world.csv", "usgs_mcs/MCS2025_World_Data.csv"
MCS_2026, CHAPTER = "usgs_mcs/MCS2026_Commodities_Data.csv", "usgs_mcs/mcs2026-rare-earths_v1.3_world.csv"
PANEL, WITS = "un_comtrade/all_reporters_850511_2024.csv", "un_comtrade/wits_chn_exports_2024.csv"
MONTHS = "un_comtrade/ind_imports_284690_monthly_2025.csv"
PARTNERS, TOTALS = "india_tradestat/meidb_2846_partners_2025.csv", "india_tradestat/meidb_2846_totals_2025.csv"
LATER, LAST = "2026-11-24", "2026-11-25"
CHINA, INDIA, WORLD, JAPAN = 156, 699, 0, 392
REAL = {MCS_2024: "usgs/mcs2024/mcs2024-raree_world.csv", MCS_2025: "usgs/mcs2025/MCS2025_World_Data.csv"}


def whole_file(data: bytes) -> bytes:
    """An edition's world table with records of another commodity before it, and longer notes: the publisher's own."""
    header, *lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    notes = [place for place, name in enumerate(header) if name.upper().endswith("NOTES")]
    for line in lines:
        for place in notes:
            if len(line[place]) > 2:  # a mark such as NA is a status, not prose
                line[place] += ". As published."
    other = [["MCS2025", "Antimony", "China", "Mine production", "metric tons", "1", "1", *[""] * (len(header) - 7)]]
    text = io.StringIO()
    csv.writer(text).writerows([header, *(other if "COMMODITY" in header else ()), *lines])
    return text.getvalue().encode("utf-8-sig")


def add(snapshot: SnapshotFolder, like: str, name: str, data: bytes, **known: str) -> None:
    """Add a file whose row of provenance is that of another, but for `known`."""
    snapshot.rows.append(snapshot.row(like) | {"file": name, "known_basis": "stated"} | known)
    (snapshot.folder / name).write_bytes(data)
    snapshot.save()


def chinas_exports(panel: bytes, *, raised: float) -> list[dict[str, Any]]:
    """China's exports of 850511 in 2024 as records of the API, the values of India and the world raised alike.

    `raised` is the share of India's value that is added to both: 0.05.
    """
    figures: dict[int, tuple[float, float]] = {}
    for row in csv.DictReader(io.StringIO(panel.decode("utf-8-sig"))):
        if (row["reporter"], row["flow"]) == (str(CHINA), "X") and float(row["value"]) > figures.get(
            int(row["partner"]), (0.0, 0.0)
        )[0]:
            figures[int(row["partner"])] = float(row["value"]), float(row["netwgt"] or 0)
    more = raised * figures[INDIA][0]
    for partner in (INDIA, WORLD):
        figures[partner] = figures[partner][0] + more, figures[partner][1]
    return [
        record(
            reporterCode=CHINA, flowCode="X", partnerCode=partner, cmdCode="850511", period="2024",
            primaryValue=value, cifvalue=None, fobvalue=value, netWgt=kg, qty=kg,
        )
        for partner, (value, kg) in figures.items()
    ]  # fmt: skip


def indias_months(extract: bytes, *, raised: float) -> list[dict[str, Any]]:
    """India's imports of 284690 by month as records of the API, without weights.

    The total of the first month is raised by a share, and China is none of its partners: one record of the extract
    states both otherwise.
    """
    records = []
    for number, row in enumerate(csv.DictReader(io.StringIO(extract.decode()))):
        china, world = (
            float(row[f"partner_{who}_usd_million"]) * 1e6 + 321 for who in ("china", "world")
        )  # within the rounding of the extract
        if number == 0:
            china, world = 0.0, world * (1 + raised)
        parts = {WORLD: world, CHINA: china, JAPAN: world - china}
        records += [
            record(
                period=row["period"].replace("-", ""), freqCode="M", partnerCode=partner, primaryValue=value,
                netWgt=None, qty=0.0, qtyUnitCode=-1,
            )
            for partner, value in parts.items()
            if value
        ]  # fmt: skip
    return records


def revised_month(data: bytes, old: bytes, new: bytes) -> bytes:
    """The file with one cell changed."""
    assert data.count(old) == 1
    return data.replace(old, new)


def with_own_files(root: Path, home: Path, build) -> Any:
    """Load the extracts into the home of the small bundle; then build it with the publishers' own files."""
    snapshot = SnapshotFolder(root / "snapshot", (*SMALL, CHAPTER, PANEL, MONTHS))
    assert build(home, snapshot=snapshot.folder, without_models=True)[1].success
    real = {file: Path(PUBLISHER_FILES or root) / path for file, path in REAL.items()}
    for file, name, day in ((MCS_2025, "own2025", "2025-04-30"), (MCS_2024, "own2024", LATER)):
        data = real[file].read_bytes() if real[file].exists() else whole_file(snapshot.read(file))
        add(snapshot, file, f"usgs_mcs/{name}.csv", data, release="2.0", known_from=day)
    records = chinas_exports(snapshot.read(PANEL), raised=0.05)
    before = chinas_exports(snapshot.read(PANEL), raised=0)
    comtrade = {"layout": "comtrade_data", "release": LATER, "known_from": LATER, "year": "2024"}
    whole = comtrade | {"partition": "A/CHN/X/850511/2024"}
    add(snapshot, PANEL, "un_comtrade/exports.json", body(*before), **whole)
    add(snapshot, PANEL, "un_comtrade/exports2.json", body(*records), **whole | {"release": LAST, "known_from": LAST})
    bulk_file = whole | {"partition": "A/CHN/M+X/all/2024", "layout": "comtrade_bulk", "known_from": LAST}
    add(snapshot, PANEL, "un_comtrade/exports.gz", bulk(*records), **bulk_file)
    hubs = [one | {"partner2Code": 344, "primaryValue": one["primaryValue"] / 4, "fobvalue": one["fobvalue"] / 4}
            for one in before]  # fmt: skip
    routed = comtrade | {"partition": "A/CHN/all/all/2024/via/344+528+702", "layout": "comtrade_via"}
    add(snapshot, PANEL, "un_comtrade/hubs.json", body(*hubs), **routed)
    months = comtrade | {"partition": "M/IND/M+X/all/2025", "year": "2025"}
    add(snapshot, PANEL, "un_comtrade/months.json", body(*indias_months(snapshot.read(MONTHS), raised=0.1)), **months)
    again = {"release": "as read again", "known_from": LATER}
    partners = revised_month(
        snapshot.read(PARTNERS), b"2025-01,import,2846,CHINA P RP,0.28,", b"2025-01,import,2846,CHINA P RP,0.29,"
    )
    add(snapshot, PARTNERS, "india_tradestat/partners.csv", partners, **again)
    return build(home, snapshot=snapshot.folder, accept_drift="the small corridor has few rows")[1]


@pytest.fixture(scope="module")
def own(tmp_path_factory, homes, build, take_small) -> Iterator[tuple[duckdb.DuckDBPyConnection, Settings, Any]]:
    folder = tmp_path_factory.mktemp("own_files")
    name = "own_files_real" if PUBLISHER_FILES else "own_files"
    settings, outcome = homes.copy(name, lambda root: with_own_files(root, take_small(root).home, build), folder)
    with duckdb.connect(str(database(settings).resolve()), read_only=True) as con:
        yield con, settings, outcome


def rows(own, query: str) -> list[tuple]:
    return own[0].execute(query).fetchall()


def test_the_publishers_own_files_are_released(own) -> None:
    _, settings, outcome = own
    assert outcome.is_new
    assert current_release(settings) is not None
    loaded = rows(
        own, "select count(*) from meta.loads where status = 'loaded' and release in ('2.0', 'as read again')"
    )
    assert loaded == [(5,)]


def test_an_edition_read_whole_after_its_extract_states_nothing_new(own) -> None:
    """Neither row numbers nor notes make a statement, also where a newer edition has spoken in between."""
    from_own = "select fact_id from meta.lineage inner join meta.artifacts on artifact_sha256 = sha256"
    assert rows(own, f"{from_own} where name in ('own2024.csv', 'own2025.csv')") == []
    assert rows(
        own,
        "select edition, production_t_reo, known_from::varchar, known_to::varchar from core.fct_production"
        " where source_code = 'usgs_mcs' and country_code = 'CHN' and year = 2023 order by known_from",
    ) == [("MCS 2024", 240_000, "2024-01-31", "2025-02-28"), ("MCS 2025", 255_000, "2025-02-28", None)]


def test_on_every_day_an_editions_countries_add_up_to_its_world_once(own) -> None:
    shares = rows(
        own,
        "select edition, known_from::varchar, year, countries_t_reo, other_countries_t_reo, printed_world_t_reo"
        " from marts.mart_share_by_edition where measure = 'production' and country_code = 'CHN' order by 1, 2, 3",
    )
    assert [row[:3] for row in shares] == [
        ("MCS 2024", "2024-01-31", 2022), ("MCS 2024", "2024-01-31", 2023),
        ("MCS 2025", "2025-02-28", 2023), ("MCS 2025", "2025-02-28", 2024),
        ("MCS 2026", "2026-02-06", 2024), ("MCS 2026", "2026-02-06", 2025),
        ("MCS 2026", "2026-05-27", 2024), ("MCS 2026", "2026-05-27", 2025),
    ]  # fmt: skip
    assert all(abs((added + (others or 0)) / world - 1) < 0.05 for *_, added, others, world in shares)


CHINAS = (
    "source_code = 'un_comtrade' and reporter_code = 'CHN' and flow = 'export' and product_key = 'HS:850511'"
    " and period_start = date '2024-01-01'"
)


def test_of_a_listing_read_again_only_the_revised_figures_are_stated_again(own) -> None:
    revised = rows(
        own,
        "select partner_code, known_to from core.fct_trade_flow where known_from = '2026-11-25'"
        f" and {CHINAS} union all select partner_code, known_to from core.fct_trade_total"
        f" where known_from = '2026-11-25' and {CHINAS} order by 1",
    )
    assert revised == [("IND", None), ("WLD", None)]
    assert rows(own, f"select count(*) > 50 from core.fct_trade_flow where is_latest and {CHINAS}") == [(True,)]
    doubled = (
        f"select partner_code from core.fct_trade_flow where is_latest and {CHINAS} group by 1 having count(*) > 1"
    )
    assert rows(own, doubled) == []


def test_a_revision_of_five_in_a_hundred_is_five_in_the_marts_and_a_print_with_more_digits_none(own) -> None:
    changes = rows(
        own,
        "select partner_code, round(change_relative, 6) from marts.mart_revision_history where figure_name ="
        " 'value_usd' and source_code = 'un_comtrade' and country_code = 'CHN' and flow = 'export'"
        " and table_name = 'fct_trade_flow' and change_absolute is not null",
    )
    # the later panel has another figure than WITS for areas that are not named
    assert sorted(changes) == [("IND", 0.05), ("X899", -0.022352)]
    # trade has no editions: its releases are no second look at a figure
    assert rows(own, "select count(*) from marts.mart_revision_size where source_code = 'un_comtrade'") == [(0,)]


def test_a_day_before_the_revision_has_the_former_figures_and_they_add_up(own) -> None:
    then = "known_from <= date '2026-11-24' and (known_to is null or date '2026-11-24' < known_to)"
    added = rows(own, f"select sum(value_usd) from core.fct_trade_flow where {CHINAS} and {then}")[0][0]
    total = rows(own, f"select value_usd from core.fct_trade_total where {CHINAS} and {then}")
    assert total == [(pytest.approx(added, rel=1e-6),)]
    now = rows(own, f"select value_usd from core.fct_trade_total where {CHINAS} and is_latest")
    assert now[0][0] > total[0][0]


def test_a_fact_stands_beside_every_coarser_layout_of_its_flow(own) -> None:
    beside = rows(
        own,
        "select partner_code, count(*), count(*) filter (where is_value_agreed) from marts.mart_layout_agreement"
        f" where {CHINAS} and partner_code in ('IND', 'JPN') group by 1 order by 1",
    )
    assert beside == [("IND", 2, 0), ("JPN", 2, 2)]


def test_a_record_that_speaks_against_a_month_in_two_ways_does_so_once(own) -> None:
    against = rows(
        own,
        "select line.artifact_row, count(*) from core.fct_trade_total as total inner join meta.lineage as line"
        " using (fact_id) where total.source_code = 'un_comtrade' and total.reporter_code = 'IND'"
        " and total.product_key = 'HS:284690' and total.period_start = date '2025-01-01' and total.is_latest"
        " and line.role = 'contradicts' group by 1",
    )
    assert against == [(1, 1)]


def test_the_corridor_is_stated_with_and_without_hubs(own) -> None:
    """Question 50 of the cookbook: what went by way of a hub is in no sum, and can be left out of one."""
    cookbook = (PROJECT / "docs" / "cookbook.md").read_text(encoding="utf-8")
    query = cookbook.split("### 50. ")[1].split("```sql\n")[1].split("```")[0]
    answered = own[0].sql(query).pl().filter(pl.col("hubs").is_not_null())
    (row,) = answered.select("flow", "product_key", "with_hubs_usd", "by_hubs_usd", "without_hubs_usd", "hubs").rows()
    flow, product, with_hubs, by_hubs, without_hubs, hubs = row
    assert (flow, product, hubs) == ("export", "HS:850511", "Hong Kong")
    assert 0 < by_hubs < with_hubs
    assert without_hubs == with_hubs - by_hubs
    stated = f"select sum(value_usd) from core.fct_trade_flow where is_latest and {CHINAS}"
    total = f"select value_usd from core.fct_trade_total where is_latest and {CHINAS}"
    assert rows(own, stated) == [(pytest.approx(rows(own, total)[0][0], rel=1e-6),)]


def test_of_a_year_of_months_read_again_one_is_stated_again(own) -> None:
    assert rows(
        own,
        "select period_start::varchar, partner_code, value_usd from core.fct_trade_flow"
        f" where source_code = 'india_tradestat' and known_from = '{LATER}'",
    ) == [("2025-01-01", "CHN", 290_000)]
