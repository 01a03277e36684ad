"""The bundled list of 51 policy steps, 2006 to 2026."""

from __future__ import annotations

import csv
import io
from datetime import date

import polars as pl

from tests.helpers.artifacts import bundled, parsed

NAME = "policy_events.csv"


def step(event_id: str) -> dict:
    return parsed(NAME).frame.row(by_predicate=pl.col("event_id") == event_id, named=True)


def test_51_steps_load_and_none_is_set_aside():
    assert (parsed(NAME).frame.height, parsed(NAME).rejects.height) == (51, 0)


def test_exporters_of_metals_and_oxides_report_from_31_october_2023():
    # Ministry of Commerce, 7 November 2023, as Kallanish and Project Blue report it: in force until October 2025
    got = step("cn-2023-11-07-export-reporting")
    days = [got[name] for name in ("announced_on", "effective_from", "suspended_on", "ended_on", "public_by")]
    assert days == [date(2023, 11, 7), date(2023, 10, 31), None, date(2025, 10, 31), date(2023, 11, 7)]
    assert got["ended_on_precision"] == "month"
    assert (got["target"], got["affected_flow"], got["subject"]) == ("ALL", "export", "goods")
    assert (got["elements"], got["hs_codes"]) == ("ALL", "280530;2846")


def test_the_controls_of_9_october_2025_on_goods_were_suspended_the_day_before_they_began():
    for number in (55, 56, 57, 58):
        got = step(f"cn-2025-10-09-mofcom-{number}")
        assert (got["announced_on"], got["effective_from"]) == (date(2025, 10, 9), date(2025, 11, 8))
        assert got["suspended_on"] == date(2025, 11, 7)
    assert step("cn-2025-10-09-mofcom-62")["subject"] == "technology"
    assert step("cn-2025-11-07-mofcom-70")["ended_on"] == date(2026, 11, 10)


def test_the_halt_of_shipments_to_japan_ended_in_november_2010():
    # some two months from 21 September by the list; AP, 24 November 2010: two ships had left Chinese ports for Japan
    got = step("cn-2010-09-21-japan-shipments")
    assert (got["effective_from"], got["ended_on"]) == (date(2010, 9, 21), date(2010, 11, 30))
    assert got["ended_on_precision"] == "month"
    assert step("cn-2025-11-07-mofcom-70")["ended_on_precision"] == "day"


def test_every_step_has_a_day_by_which_it_was_public():
    steps = parsed(NAME).frame
    assert steps["public_by"].null_count() == 0
    stated = steps.filter(pl.col("public_basis") == "stated")
    assert stated.filter(pl.col("public_by") != pl.coalesce("announced_on", "event_date")).height == 0
    assert (stated.height, steps.height - stated.height) == (36, 15)


def test_two_steps_of_the_scheme_are_listed_by_two_documents_each():
    again = parsed(NAME).frame.filter(pl.col("same_step_as").is_not_null()).sort("event_id")
    assert again["same_step_as"].to_list() == [
        "in-2025-11-26-magnet-scheme", "in-2025-12-15-magnet-scheme-notified",
    ]  # fmt: skip


def test_the_thirteen_added_steps_are_there(publisher_files):
    path = publisher_files / "policy" / "policy_events_additions_transcribed.csv"
    added = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    held = list(csv.DictReader(io.StringIO(bundled()[NAME].read_bytes().decode())))[37:50]
    carried = ("date", "date_precision", "actor", "event_type", "instrument")
    assert [[row[c] for c in carried] for row in held] == [[row[c] for c in carried] for row in added]
    assert len(added) == 13


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
    assert sorted(press["event_id"]) == [
        "cn-in-2025-09-light-magnets", "cn-in-2025-10-30-first-licences", "cn-in-2025-12-26-more-licences",
        "in-2025-06-13-irel-japan",
    ]  # fmt: skip


def test_titles_are_short_and_no_two_are_the_same():
    titles = parsed(NAME).frame["title"]
    assert titles.str.len_chars().max() <= 100
    assert titles.n_unique() == titles.len()


def test_everything_but_the_titles_is_as_compiled(publisher_files):
    text = (publisher_files / "events" / "policy_events.csv").read_text(encoding="utf-8-sig")
    compiled = list(csv.DictReader(io.StringIO(text)))
    held = list(csv.DictReader(io.StringIO(bundled()[NAME].read_bytes().decode())))[: len(compiled)]
    carried = [name for name in compiled[0] if name not in {"title", "found_in"}]
    assert [[row[c] for c in carried] for row in held] == [[row[c] for c in carried] for row in compiled]
    assert not {row["title"] for row in held} & {row["title"] for row in compiled}
