"""The bundled list of 37 policy steps, 2006 to 2026."""

from __future__ import annotations

import csv
import io
from datetime import date

import polars as pl

from tests.helpers.artifacts import bundled, parsed

NAME = "policy_events.csv"


def step(event_id: str) -> dict:
    return parsed(NAME).frame.row(by_predicate=pl.col("event_id") == event_id, named=True)


def test_37_steps_load_and_none_is_set_aside():
    assert (parsed(NAME).frame.height, parsed(NAME).rejects.height) == (37, 0)


def test_china_asked_for_licences_of_seven_elements_on_4_april_2025():
    # Announcement No. 18 of 2025 of the Ministry of Commerce and the General Administration of Customs
    got = step("cn-2025-04-04-mofcom-18")
    assert (got["event_date"], got["event_date_last"], got["direction"]) == (
        date(2025, 4, 4), date(2025, 4, 4), "restrict",
    )  # fmt: skip
    assert got["elements"].split(";") == ["Sm", "Gd", "Tb", "Dy", "Lu", "Sc", "Y"]
    assert {len(code) for code in got["hs_codes"].split(";")} == {10}


def test_china_banned_the_export_of_technology_on_21_december_2023():
    got = step("cn-2023-12-21-technology-ban")
    assert (got["event_date"], got["date_precision"], got["elements"]) == (date(2023, 12, 21), "day", "ALL")


def test_six_steps_share_the_9th_of_october_2025():
    october = parsed(NAME).frame.filter(pl.col("event_date") == date(2025, 10, 9))
    assert [i.rsplit("-", 1)[1] for i in sorted(october["event_id"])] == ["55", "56", "57", "58", "61", "62"]
    assert step("cn-2025-10-09-mofcom-57")["elements"] == "Ho;Er;Tm;Eu;Yb"


def test_the_quota_of_july_2010_is_known_to_the_month():
    got = step("cn-2010-07-export-quota-second-batch")
    assert (got["event_date"], got["event_date_last"], got["date_precision"]) == (
        date(2010, 7, 1), date(2010, 7, 31), "month",
    )  # fmt: skip


def test_a_day_that_only_common_knowledge_gives_is_no_day():
    got = step("wto-2014-03-ds431-panel")
    assert (got["event_date"], got["event_date_last"], got["date_raw"]) == (
        date(2014, 3, 1), date(2014, 3, 31), "2014-03-26",
    )  # fmt: skip


def test_days_of_the_press_are_marked():
    press = parsed(NAME).frame.filter(pl.col("date_basis") == "press")
    assert sorted(press["event_id"]) == ["cn-in-2025-10-30-first-licences", "in-2025-06-13-irel-japan"]


def test_titles_are_short_and_no_two_are_the_same():
    titles = parsed(NAME).frame["title"]
    assert titles.str.len_chars().max() <= 100
    assert titles.n_unique() == titles.len()


def test_everything_but_the_titles_is_as_compiled(publisher_files):
    text = (publisher_files / "events" / "policy_events.csv").read_text(encoding="utf-8-sig")
    compiled = list(csv.DictReader(io.StringIO(text)))
    held = list(csv.DictReader(io.StringIO(bundled()[NAME].read_bytes().decode())))
    carried = [name for name in held[0] if name not in {"event_id", "title"}]
    assert [[row[c] for c in carried] for row in held] == [[row[c] for c in carried] for row in compiled]
    assert not {row["title"] for row in held} & {row["title"] for row in compiled}
