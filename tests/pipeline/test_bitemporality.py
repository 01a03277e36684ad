"""What was known when: a revised figure, a withdrawn partner, and bodies fetched again without changes."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.helpers.home_fixtures import SMALL
from warehouse.release.store import current_release, database, releases

CHINAS_IMPORTS = (
    "from core.fct_trade_flow where reporter_code = 'CHN' and flow = 'import' and product_key = 'HS:2846'"
    " and period_start = date '2024-01-01'"
)
AS_OF = "known_from <= date '{day}' and (known_to is null or date '{day}' < known_to)"
BEFORE, AFTER, REVISED = "2025-11-30", "2025-12-01", "2025-12-01"


@pytest.fixture(scope="module")
def con(revised) -> Iterator[duckdb.DuckDBPyConnection]:
    settings, outcome = revised
    assert outcome.success, "\n".join(outcome.errors)
    with duckdb.connect(str(database(settings).resolve()), read_only=True) as con:
        yield con


def as_of(con, day: str) -> dict[str, float]:
    where = AS_OF.format(day=day)
    return dict(con.execute(f"select partner_code, value_usd {CHINAS_IMPORTS} and {where}").fetchall())


def test_a_revised_figure_is_kept_with_the_old_one_which_ends_on_its_first_day(con) -> None:
    rows = con.execute(
        f"select value_usd, known_from::varchar, known_to::varchar, is_latest {CHINAS_IMPORTS}"
        " and partner_code = 'IND' order by known_from"
    ).fetchall()
    old = 3_033_521.0
    assert rows == [(old, "2025-07-04", REVISED, False), (old + round(old * 0.1), REVISED, None, True)]


def test_a_question_as_of_a_day_is_one_predicate(con) -> None:
    assert as_of(con, "2025-07-03") == {}
    assert as_of(con, BEFORE)["IND"] == 3_033_521
    assert as_of(con, AFTER)["IND"] == pytest.approx(3_033_521 * 1.1, abs=1)


def test_a_partner_withdrawn_by_a_later_release_is_known_until_then_and_not_after(con) -> None:
    before, after = as_of(con, BEFORE), as_of(con, AFTER)
    withdrawn = set(before) - set(after)
    assert len(withdrawn) == 1
    assert set(after) < set(before)
    ended = con.execute(
        f"select known_to::varchar, is_latest, is_preferred {CHINAS_IMPORTS} and partner_code = '{withdrawn.pop()}'"
    ).fetchall()
    assert ended == [(REVISED, False, False)]


def test_on_any_day_a_flow_has_one_statement(con) -> None:
    for day in (BEFORE, AFTER, "2026-12-31"):
        doubled = con.execute(
            "select source_code, reporter_code, partner_code, flow, product_key, period_type, period_start"
            f" from core.fct_trade_flow where {AS_OF.format(day=day)} group by all having count(*) > 1"
        ).fetchall()
        assert doubled == []


def test_the_same_rows_fetched_again_or_in_another_order_are_no_revision(con) -> None:
    loads = con.execute(
        "select status from meta.loads where release in ('2025-12-02', '2026-11-24')"
        " and table_name = 'un_comtrade__trade'"
    ).fetchall()
    assert loads == [("loaded",)] * 2
    later = "select count(*) from core.fct_trade_flow where release in ('2025-12-02', '2026-11-24')"
    assert con.execute(later).fetchall() == [(0,)]


def test_only_what_was_revised_has_ended(con) -> None:
    ended = con.execute(
        "select distinct reporter_code, flow, product_key, period_start::varchar from core.fct_trade_flow"
        " where not is_latest"
    ).fetchall()
    assert ended == [("CHN", "import", "HS:2846", "2024-01-01")]


def test_a_fact_keeps_its_id_from_release_to_release(con, small) -> None:
    con.execute(f"attach if not exists '{database(small).resolve()}' as earlier (read_only)")
    lost = con.execute(
        "select fact_id from earlier.core.fct_trade_flow where fact_id not in (select fact_id from core.fct_trade_flow)"
    ).fetchall()
    assert lost == []


def test_the_mirror_uses_the_latest_statement(con) -> None:
    rows = con.execute(
        "select m_cif_usd, known_from::varchar from core.fct_trade_mirror where exporter_code = 'IND'"
        " and importer_code = 'CHN' and product_key = 'HS:2846' and period_start = date '2024-01-01'"
        " and period_type = 'calendar_year'"
    ).fetchall()
    assert rows == [(pytest.approx(3_033_521 * 1.1, abs=1), REVISED)]


def test_the_revision_is_a_second_release_that_lists_what_changed(revised, small) -> None:
    settings, outcome = revised
    assert outcome.is_new
    current = current_release(settings)
    assert current.about["previous_version"] == current_release(small).version
    assert len(releases(settings)) == 2
    assert current.about["accepted_drift"] == "the small corridor has few rows"
    text = (current.folder / "CHANGES.md").read_text(encoding="utf-8")
    assert "| un_comtrade | A/CHN/M/2846/2024 | 2025-12-01 |" in text
    assert "`known_to` None → 2025-12-01" in text
    assert "Accepted drift: the small corridor has few rows" in text


def test_a_second_look_at_the_same_bytes_loads_nothing(revised) -> None:
    from sources.registry import sources
    from warehouse.ingest.ingest import ingest

    settings, _ = revised
    looked_at = 0
    for source in sources().values():
        done = ingest(settings, "second look", source)
        assert (done.loaded, done.results, done.failures) == ([], [], [])
        assert done.already_loaded == len(done.landed)
        looked_at += done.already_loaded
    assert looked_at == len(SMALL) + 3
