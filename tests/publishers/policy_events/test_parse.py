"""The list of policy steps: how exact a day is, which elements a step names."""

from __future__ import annotations

from datetime import date

import pytest

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from tests.helpers.artifacts import artifact, parse, reasons, table

COLUMNS = [
    "event_id", "date", "date_precision", "actor", "event_type", "instrument", "title", "elements", "hs_codes",
    "direction", "source_url",
]  # fmt: skip


def row(**changes):
    usual = {
        "event_id": "cn-2025-04-04-a-step", "date": "2025-04-04", "date_precision": "day", "actor": "CN",
        "event_type": "export_licence", "instrument": "A notice", "title": "A title", "elements": "Sm;Gd",
        "hs_codes": "2805301910;2846", "direction": "restrict", "source_url": "https://example.org/notice",
    }  # fmt: skip
    return list((usual | changes).values())


def steps(folder, *rows):
    about = {"source_code": "policy_events", "layout": "extract_events", "partition": "Policy events", "year": 2026}
    return parse(artifact(folder, table(COLUMNS, *rows), **about))


def one(folder, **changes):
    return steps(folder, row(**changes)).frame.row(0, named=True)


@pytest.mark.parametrize(
    ("raw", "says", "first", "last", "precision", "basis"),
    [
        ("2025-04-04", "day", date(2025, 4, 4), date(2025, 4, 4), "day", "document"),
        ("2010-07", "month", date(2010, 7, 1), date(2010, 7, 31), "month", "document"),
        ("2006", "year", date(2006, 1, 1), date(2006, 12, 31), "year", "document"),
        ("2014-03-26", "month_confirmed", date(2014, 3, 1), date(2014, 3, 31), "month", "document"),
        ("2025-06-13", "day_press", date(2025, 6, 13), date(2025, 6, 13), "day", "press"),
        ("2025-10-30", "press", date(2025, 10, 30), date(2025, 10, 30), "day", "press"),
    ],
)
def test_a_step_lies_between_the_first_and_the_last_day_its_source_allows(
    tmp_path, raw, says, first, last, precision, basis
):
    got = one(tmp_path, date=raw, date_precision=says)
    assert (got["event_date"], got["event_date_last"]) == (first, last)
    assert (got["date_precision"], got["date_basis"], got["date_raw"]) == (precision, basis, raw)


@pytest.mark.parametrize(
    ("raw", "says"),
    [("2025-04", "day"), ("2025-02-30", "day"), ("2014-03-99", "month_confirmed"), ("2025", "month"), ("", "day")],
)
def test_a_date_without_the_precision_it_states_is_set_aside(tmp_path, raw, says):
    assert reasons(steps(tmp_path, row(date=raw, date_precision=says))) == {"unreadable_value": 1}


@pytest.mark.parametrize(
    ("word", "tokens"),
    [
        ("Sm;Gd;Tb", "Sm;Gd;Tb"),
        ("all REE", "ALL"),
        ("all REE; SmCo, NdFeB", "ALL"),
        ("Nd and other light REE", "Nd;LIGHT"),
        ("all listed REE", "LISTED"),
        ("", ""),
    ],
)
def test_words_for_elements_become_symbols_or_groups(tmp_path, word, tokens):
    assert one(tmp_path, elements=word)["elements"] == tokens


@pytest.mark.parametrize("word", ["Sm,Gd", "Samarium", "Xx", "Sm;", "heavy REE"])
def test_an_element_of_no_list_stops_the_load_by_name(tmp_path, word):
    with pytest.raises(UnknownLabelError, match=f"says elements .*{word!r}"):
        steps(tmp_path, row(elements=word))


@pytest.mark.parametrize(
    ("column", "word"),
    [
        ("date_precision", "about"),
        ("actor", "China"),
        ("event_type", "rumour"),
        ("direction", "tighten"),
        ("direction", ""),
    ],
)
def test_a_word_of_no_list_stops_the_load_by_name(tmp_path, column, word):
    with pytest.raises(UnknownLabelError, match=f"says {column} .*{word!r}"):
        steps(tmp_path, row(**{column: word}))


@pytest.mark.parametrize("codes", ["2805.30", "284", "2846,2805", "2846;", "28461"])
def test_codes_are_digits_joined_by_semicolons(tmp_path, codes):
    if codes == "28461":
        assert one(tmp_path, hs_codes=codes)["hs_codes"] == "28461"
        return
    with pytest.raises(UnknownLabelError, match="hs_codes"):
        steps(tmp_path, row(hs_codes=codes))


@pytest.mark.parametrize("column", ["title", "source_url", "instrument"])
def test_a_step_without_its_words_is_refused(tmp_path, column):
    with pytest.raises(LayoutError, match=f"record 1 has no {column}"):
        steps(tmp_path, row(**{column: " "}))


def test_an_id_of_another_form_is_refused_by_name(tmp_path):
    with pytest.raises(UnknownLabelError, match="'CN 2025'"):
        steps(tmp_path, row(event_id="CN 2025"))


@pytest.mark.parametrize("actor", ["US", "JP", "EU", "KR", "AU", "VN", "MM", "BR", "CN-IN", "US-EU-JP", "IN-AU"])
def test_actors_act_alone_or_together(tmp_path, actor):
    assert one(tmp_path, actor=actor)["actor"] == actor


@pytest.mark.parametrize("actor", ["XX", "CN-XX", "CN-CN", "CN-", "cn", "CN/IN"])
def test_an_unknown_actor_stops_the_load_by_name(tmp_path, actor):
    with pytest.raises(UnknownLabelError, match=f"says actor .*{actor!r}"):
        steps(tmp_path, row(), row(actor=actor, event_id="cn-2025-04-04-another"))


WITHOUT_IDS = [*COLUMNS[1:], "found_in"]


def compiled(folder, *changes):
    """Records of a list without ids."""
    about = {"source_code": "policy_events", "layout": "extract_events_without_ids", "partition": "A list"}
    usual = dict(zip(COLUMNS, row(), strict=True)) | {"found_in": "a stored page"}
    rows = ([(usual | change)[column] for column in WITHOUT_IDS] for change in changes)
    return parse(artifact(folder, table(WITHOUT_IDS, *rows), year=2026, **about))


@pytest.mark.parametrize(
    ("change", "event_id"),
    [
        ({}, "cn-2025-04-04-a-notice"),
        ({"instrument": "Wang Yi–Jaishankar meeting, Köln", "actor": "CN-IN"},
         "cn-in-2025-04-04-wang-yi-jaishankar-meeting-koln"),
        ({"date": "2014-03-26", "date_precision": "month_confirmed"}, "cn-2014-03-a-notice"),
        ({"date": "2006", "date_precision": "year"}, "cn-2006-a-notice"),
        ({"instrument": "商务部公告2025年第18号"}, "cn-2025-04-04-export-licence-2025-18"),
    ],
)  # fmt: skip
def test_a_list_without_ids_gets_them_from_actor_day_and_instrument(tmp_path, change, event_id):
    assert compiled(tmp_path, change).frame["event_id"].to_list() == [event_id]


def test_steps_of_one_actor_day_and_instrument_get_a_number(tmp_path):
    changes = ({}, {"title": "Another"}, {"instrument": "A notice (2)"}, {"title": "A third"})
    assert compiled(tmp_path, *changes).frame["event_id"].to_list() == [
        "cn-2025-04-04-a-notice", "cn-2025-04-04-a-notice-2", "cn-2025-04-04-a-notice-2-2", "cn-2025-04-04-a-notice-3",
    ]  # fmt: skip


def test_a_step_that_stands_twice_in_a_list_without_ids_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="record 3 repeats record 1"):
        compiled(tmp_path, {}, {"title": "Another"}, {"found_in": "another page"})


def test_a_long_title_of_a_list_without_ids_ends_after_a_whole_word(tmp_path):
    long = "word " * 30
    (title,) = compiled(tmp_path, {"title": long}).frame["title"]
    assert title == ("word " * 19).strip() + " …"
    assert compiled(tmp_path, {"title": "x" * 101}).frame["title"].to_list() == ["x" * 99 + "…"]
    assert compiled(tmp_path, {"title": "x" * 100}).frame["title"].to_list() == ["x" * 100]


def test_an_undated_record_of_a_list_without_ids_is_set_aside(tmp_path):
    read = compiled(tmp_path, {}, {"date": "soon"})
    assert (read.frame.height, reasons(read)) == (1, {"unreadable_value": 1})


def test_an_id_given_twice_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        steps(tmp_path, row(), row(title="Another"))


def test_a_record_cut_short_is_refused(tmp_path):
    with pytest.raises(TruncatedError):
        parse(artifact(tmp_path, table(COLUMNS, row())[:-9], source_code="policy_events", layout="extract_events"))


DATED = [
    *COLUMNS[:3], "announced_on", "effective_from", "suspended_on", "ended_on", "public_by", "actor", "target",
    "affected_flow", "subject", *COLUMNS[4:10], "same_step_as", "source_url",
]  # fmt: skip


def dated(folder, **changes):
    """One record of a list with the days of each step."""
    usual = dict.fromkeys(DATED, "") | dict(zip(COLUMNS, row(), strict=True))
    about = {"source_code": "policy_events", "layout": "extract_dated_events", "partition": "Policy events/2025"}
    cells = [(usual | changes)[column] for column in DATED]
    return parse(artifact(folder, table(DATED, cells), year=2026, **about))


@pytest.mark.parametrize(
    ("changes", "basis"),
    [
        ({"announced_on": "2025-04-04", "public_by": "2025-04-04"}, "stated"),
        ({"announced_on": "2025-04-04", "public_by": "2025-04-05"}, "assumed"),
        ({"public_by": "2025-04-04"}, "assumed"),
        ({"public_by": "2025-04-04", "date_precision": "day_press"}, "stated"),
        ({"public_by": "2025-04-30", "date_precision": "month_press"}, "assumed"),
        ({}, None),
    ],
)
def test_the_day_by_which_a_step_was_public_is_stated_where_it_is_that_of_its_notice(tmp_path, changes, basis):
    got = dated(tmp_path, **changes).frame.row(0, named=True)
    assert (got["public_basis"], got["effective_from"], got["target"]) == (basis, None, None)


@pytest.mark.parametrize(
    ("printed", "last", "precision"),
    [
        ("2025-11-10", date(2025, 11, 10), "day"),
        ("2025-11", date(2025, 11, 30), "month"),
        ("2025", date(2025, 12, 31), "year"),
        ("", None, None),
    ],
)
def test_an_end_is_the_last_day_that_its_precision_allows(tmp_path, printed, last, precision):
    got = dated(tmp_path, ended_on=printed).frame.row(0, named=True)
    assert (got["ended_on"], got["ended_on_precision"]) == (last, precision)


@pytest.mark.parametrize("column", ["announced_on", "effective_from", "suspended_on", "public_by"])
def test_a_day_other_than_the_end_is_no_month(tmp_path, column):
    assert reasons(dated(tmp_path, **{column: "2025-04"})) == {"unreadable_value": 1}


@pytest.mark.parametrize("column", ["announced_on", "effective_from", "suspended_on", "ended_on", "public_by"])
def test_a_step_with_a_day_that_is_none_is_set_aside(tmp_path, column):
    assert reasons(dated(tmp_path, **{column: "2025-04-31"})) == {"unreadable_value": 1}


@pytest.mark.parametrize(
    ("column", "word"), [("target", "China"), ("target", "JP;JP"), ("affected_flow", "both"), ("subject", "people")]
)
def test_a_target_flow_or_subject_of_no_list_stops_the_load_by_name(tmp_path, column, word):
    with pytest.raises(UnknownLabelError, match=f"says {column} .*{word!r}"):
        dated(tmp_path, **{column: word})


@pytest.mark.parametrize("target", ["ALL", "JP", "US;EU"])
def test_a_step_is_aimed_at_every_partner_or_at_some(tmp_path, target):
    assert dated(tmp_path, target=target).frame["target"].to_list() == [target]
