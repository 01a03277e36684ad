"""India's monthly reports: what a printed figure means, and the months whose labels are wrong."""

from __future__ import annotations

from datetime import date

import pytest

from sources.model.artifact import LayoutError, SourceError, UnknownLabelError
from tests.helpers.artifacts import artifact, parse, reasons, table

PARTNERS = ["period", "flow", "hs4", "partner_country", "value_usd_million", "partner_label_quality"]
TOTALS = [
    "period", "flow", "hs4", "total_usd_million", "sum_of_listed_partners_usd_million", "total_minus_sum",
    "china_p_rp_usd_million", "partner_label_quality",
]  # fmt: skip


def partners(folder, *rows):
    """Rows as period, partner, US$ million, flag; imports of 2846."""
    full = [[period, "import", "2846", name, value, flag] for period, name, value, flag in rows]
    return parse(
        artifact(folder, table(PARTNERS, *full), source_code="india_tradestat", layout="extract_meidb_partners")
    )


def totals(folder, *rows):
    """Rows as period, total, China's figure, flag; imports of 2846."""
    full = [[period, "import", "2846", total, total, "0.00", china, flag] for period, total, china, flag in rows]
    return parse(artifact(folder, table(TOTALS, *full), source_code="india_tradestat", layout="extract_meidb_totals"))


def test_a_printed_figure_is_known_to_five_thousand_dollars(tmp_path):
    row = partners(tmp_path, ("2024-04", "CHINA P RP", "0.28", "ok")).frame.row(0, named=True)
    assert (row["reporter_code"], row["partner_code"], row["flow"], row["hs_code"]) == ("IND", "CHN", "import", "2846")
    assert (row["value_usd"], row["value_rounding_usd"], row["value_raw"]) == (280_000.0, 5_000.0, "0.28")
    assert (row["period_start"], row["period_end"]) == (date(2024, 4, 1), date(2024, 4, 30))
    assert (row["net_weight_kg"], row["weight_status"], row["valuation"]) == (None, "not_available", "CIF")


def test_a_printed_zero_of_a_partner_is_less_than_half_the_last_digit(tmp_path):
    row = partners(tmp_path, ("2024-04", "JAPAN", "0.00", "ok")).frame.row(0, named=True)
    assert (row["value_usd"], row["value_low_usd"], row["value_high_usd"]) == (None, 0.0, 5_000.0)
    assert row["value_status"] == "at_most"


@pytest.mark.parametrize("printed", ["0.00", "0", "0.0"])
def test_a_national_total_of_zero_is_a_month_not_yet_published(tmp_path, printed):
    read = totals(tmp_path, ("2026-07", printed, "", "ok"), ("2026-06", "1.10", "0.30", "ok"))
    assert reasons(read) == {"not_yet_published": 1}
    assert read.frame["value_usd"].to_list() == [1_100_000.0]


def test_thousands_commas_are_read(tmp_path):
    assert totals(tmp_path, ("2026-06", "1,234.56", "", "ok")).frame["value_usd"].item() == 1_234_560_000.0


def test_a_total_is_the_worlds_and_the_column_of_china_is_never_used(tmp_path):
    read = totals(tmp_path, ("2023-05", "1.10", "0.99", "suspect_partner_labels"))
    assert read.frame["partner_code"].to_list() == ["WLD"]
    assert read.frame["value_usd"].to_list() == [1_100_000.0]
    other = totals(tmp_path, ("2023-05", "1.10", "0.11", "suspect_partner_labels"))
    assert read.content_sha256() == other.content_sha256()


@pytest.mark.parametrize("month", ["2023-04", "2023-09", "2023-12", "2024-01", "2024-03"])
@pytest.mark.parametrize("flag", ["ok", "suspect_partner_labels"])
def test_partners_of_the_mislabelled_months_are_set_aside_whatever_their_flag(tmp_path, month, flag):
    read = partners(tmp_path, (month, "AUSTRALIA", "1.10", flag), ("2024-04", "JAPAN", "0.10", "ok"))
    assert reasons(read) == {"suspect_partner_labels": 1}
    assert read.frame["partner_code"].to_list() == ["JPN"]


@pytest.mark.parametrize("month", ["2023-4", "2024-3", "2024-03 "])
def test_no_spelling_of_a_mislabelled_month_escapes(tmp_path, month):
    try:
        read = partners(tmp_path, (month, "AUSTRALIA", "1.10", "ok"), ("2024-04", "JAPAN", "0.10", "ok"))
    except SourceError:
        return
    assert read.frame["partner_code"].to_list() == ["JPN"]


@pytest.mark.parametrize("month", ["2023-03", "2024-04"])
def test_the_months_beside_them_load_unless_flagged(tmp_path, month):
    assert reasons(partners(tmp_path, (month, "AUSTRALIA", "1.10", "ok"))) == {}
    flagged = partners(tmp_path, (month, "AUSTRALIA", "1.10", "suspect_partner_labels"))
    assert reasons(flagged) == {"suspect_partner_labels": 1}


@pytest.mark.parametrize(
    ("period", "value"), [("2024-13", "1.10"), ("April 2024", "1.10"), ("2024-04", "n.a."), ("2024-04", "")]
)
def test_a_figure_or_a_month_that_cannot_be_read_is_set_aside(tmp_path, period, value):
    read = partners(tmp_path, (period, "JAPAN", value, "ok"), ("2024-05", "JAPAN", "0.10", "ok"))
    assert reasons(read) == {"unreadable_value": 1}


@pytest.mark.parametrize("name", ["CHINA", "CHINA PRP", "china p rp", "KOREA", "PEOPLE'S REPUBLIC"])
def test_a_partner_the_portal_does_not_spell_so_stops_the_load_by_name(tmp_path, name):
    with pytest.raises(UnknownLabelError) as caught:
        partners(tmp_path, ("2024-05", name, "0.10", "ok"), ("2024-05", "JAPAN", "0.10", "ok"))
    assert repr(name) in str(caught.value)


def test_a_misspelt_partner_stops_the_load_even_in_a_mislabelled_month(tmp_path):
    with pytest.raises(UnknownLabelError, match="AUSTRALASIA"):
        partners(tmp_path, ("2023-05", "AUSTRALASIA", "0.10", "ok"))


@pytest.mark.parametrize(
    ("column", "word"),
    [("flow", "re-import"), ("flow", "Import"), ("partner_label_quality", "good"), ("partner_label_quality", "")],
)
def test_a_flow_or_a_flag_that_is_not_known_stops_the_load_by_name(tmp_path, column, word):
    row = dict(zip(PARTNERS, ["2024-05", "import", "2846", "JAPAN", "0.10", "ok"], strict=True)) | {column: word}
    data = table(PARTNERS, row.values())
    with pytest.raises(UnknownLabelError, match=f"{column}.*{word!r}"):
        parse(artifact(tmp_path, data, source_code="india_tradestat", layout="extract_meidb_partners"))


def test_a_partner_that_stands_twice_in_a_month_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        partners(tmp_path, ("2024-05", "JAPAN", "0.10", "ok"), ("2024-05", "JAPAN", "0.20", "ok"))


def test_a_file_of_totals_is_refused_as_a_file_of_partners(tmp_path):
    data = table(TOTALS, ["2024-05", "import", "2846", "1.1", "1.1", "0", "", "ok"])
    with pytest.raises(LayoutError, match=r"lost \['partner_country', 'value_usd_million'\], gained \['total_usd"):
        parse(artifact(tmp_path, data, source_code="india_tradestat", layout="extract_meidb_partners"))


def test_a_layout_that_is_not_declared_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="'meidb_html' is not declared"):
        parse(artifact(tmp_path, b"x", source_code="india_tradestat", layout="meidb_html"))
