"""A figure revised, and a partner withdrawn, on the day their release became known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.helpers.home_fixtures import SnapshotFolder, revised_comtrade
from tests.pipeline.test_bitemporality import AS_OF, CHINAS_IMPORTS
from warehouse.release.store import database

pytestmark = pytest.mark.slow
BODY = "un_comtrade/chn_imports_2846_2024.json"
DAY = "2025-07-04"
INDIA = 3_033_521.0


@pytest.fixture(scope="module")
def con(tmp_path_factory, homes, build, take_small) -> Iterator[duckdb.DuckDBPyConnection]:
    def recipe(root: Path) -> Any:
        home = take_small(root).home
        snapshot = SnapshotFolder(root / "snapshot")
        snapshot.alter(BODY, revised_comtrade(snapshot.read(BODY)))
        return build(home, snapshot=snapshot.folder, accept_drift="the small corridor has few rows")[1]

    settings, _ = homes.copy("within_a_day", recipe, tmp_path_factory.mktemp("within_a_day"))
    with duckdb.connect(str(database(settings).resolve()), read_only=True) as con:
        yield con


def test_both_statements_are_kept_and_their_releases_are_numbered(con) -> None:
    found = con.execute(
        f"select value_usd, release, known_from::varchar, known_to::varchar, is_latest {CHINAS_IMPORTS}"
        " and partner_code = 'IND' order by release"
    ).fetchall()
    assert found == [
        (INDIA, DAY, DAY, DAY, False),
        (INDIA + round(INDIA * 0.1), f"{DAY} (2)", DAY, None, True),
    ]


def test_a_day_knows_the_later_of_its_statements_only(con) -> None:
    where = AS_OF.format(day=DAY)
    assert con.execute(f"select value_usd {CHINAS_IMPORTS} and partner_code = 'IND' and {where}").fetchall() == [
        (INDIA + round(INDIA * 0.1),)
    ]


def test_the_partner_withdrawn_is_kept_as_known_on_no_day(con) -> None:
    ended = con.execute(
        f"select partner_code, known_to::varchar {CHINAS_IMPORTS}"
        " group by all having bool_and(not is_latest) and partner_code not in"
        f" (select partner_code {CHINAS_IMPORTS} and is_latest)"
    ).fetchall()
    assert [known_to for _, known_to in ended] == [DAY]


def test_the_history_of_the_figure_has_both_in_their_order(con) -> None:
    found = con.execute(
        "select statement_number, figure_value, change_relative, is_latest from marts.mart_revision_history"
        " where figure_name = 'value_usd' and country_code = 'CHN' and flow = 'import' and product_key = 'HS:2846'"
        " and partner_code = 'IND' and period_start = date '2024-01-01' order by 1"
    ).fetchall()
    assert [(number, value, is_latest) for number, value, _, is_latest in found] == [
        (1, INDIA, False),
        (2, INDIA + round(INDIA * 0.1), True),
    ]
    assert found[1][2] == pytest.approx(0.1, abs=1e-6)
