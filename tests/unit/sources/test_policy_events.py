"""The list of policy steps: how exact a day is, which elements a step names."""

from __future__ import annotations

from datetime import date

import pytest

from sources.contract import LayoutError, TruncatedError, UnknownLabelError
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
def test_a_date_that_is_none_of_its_precision_is_set_aside(tmp_path, raw, says):
    assert reasons(steps(tmp_path, row(date=raw, date_precision=says))) == {"unreadable_value": 1}


@pytest.mark.parametrize(
    ("said", "tokens"),
    [
        ("Sm;Gd;Tb", "Sm;Gd;Tb"),
        ("all REE", "ALL"),
        ("all REE; SmCo, NdFeB", "ALL"),
        ("Nd and other light REE", "Nd;LIGHT"),
        ("all listed REE", "LISTED"),
        ("", ""),
    ],
)
def test_words_for_elements_become_symbols_or_groups(tmp_path, said, tokens):
    assert one(tmp_path, elements=said)["elements"] == tokens


@pytest.mark.parametrize("said", ["Sm,Gd", "Samarium", "Xx", "Sm;", "heavy REE"])
def test_an_element_of_no_list_stops_the_load_by_name(tmp_path, said):
    with pytest.raises(UnknownLabelError, match=f"says elements .*{said!r}"):
        steps(tmp_path, row(elements=said))


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("date_precision", "about"),
        ("actor", "China"),
        ("event_type", "rumour"),
        ("direction", "tighten"),
        ("direction", ""),
    ],
)
def test_a_word_of_no_list_stops_the_load_by_name(tmp_path, column, said):
    with pytest.raises(UnknownLabelError, match=f"says {column} .*{said!r}"):
        steps(tmp_path, row(**{column: said}))


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


def test_an_id_given_twice_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        steps(tmp_path, row(), row(title="Another"))


def test_a_record_cut_short_is_refused(tmp_path):
    with pytest.raises(TruncatedError):
        parse(artifact(tmp_path, table(COLUMNS, row())[:-9], source_code="policy_events", layout="extract_events"))
