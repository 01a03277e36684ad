"""Parts for wholes: a statement that leaves out much of the one before it is refused, and a real revision is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from sources.model.artifact import Artifact
from sources.model.source import REJECTS, ParsedTable
from sources.registry import table_specs
from tests.helpers.artifacts import bundled, parsed
from tests.helpers.violators import assert_none
from warehouse.quality.losses import judge_losses, loses_too_much

PERIODS, ROWS, VALUE, CUT = (
    "every_period_of_the_statement_before_is_there",
    "no_more_rows_are_lost_than_are_withdrawn",
    "at_most_a_quarter_of_the_value_before_is_lost",
    "no_end_of_the_file_before_is_cut_off",
)
CUSTOMS = "gacc_exports_ind_284690_2025.csv"
PARTNERS = "meidb_2846_partners_2025.csv"
BACI = "baci_850511_2024.csv"


def keeping(name: str, kept: pl.Expr) -> tuple[Artifact, ParsedTable, pl.DataFrame]:
    """A bundled file as stated again with some of its rows, and its rows before."""
    table = parsed(name)
    return bundled()[name], replace(table, frame=table.frame.filter(kept)), table.frame


def failed(artifact: Artifact, table: ParsedTable, before: pl.DataFrame) -> list[str]:
    return [result.rule for result in judge_losses(artifact, table, before) if result.stops]


ROW = pl.col("artifact_row")


@pytest.mark.parametrize(
    ("name", "kept", "rules"),
    [
        (CUSTOMS, pl.col("period_start") >= date(2025, 12, 1), [PERIODS, ROWS, VALUE]),
        (CUSTOMS, pl.col("part_label").str.starts_with("10"), [ROWS]),
        (CUSTOMS, pl.col("period_start").dt.month() != 6, [PERIODS]),
        (PARTNERS, pl.max("artifact_row") // 2 >= ROW, [PERIODS, ROWS, VALUE, CUT]),
        (PARTNERS, pl.max("artifact_row") - 9 >= ROW, [CUT]),
        (PARTNERS, ROW > 9, [CUT]),
        (PARTNERS, ROW % 8 > 0, [ROWS]),
        (BACI, pl.max("artifact_row") // 2 >= ROW, [ROWS, VALUE, CUT]),
        (BACI, pl.col("exporter_code") != "CHN", [VALUE]),
        ("policy_events.csv", ROW <= 18, [ROWS, CUT]),
        ("quotas_2010_2024.csv", pl.col("year") < 2024, [PERIODS]),
        ("ind_imports_284690_monthly_2026.csv", pl.col("period_start") == date(2026, 3, 1), [PERIODS, ROWS, VALUE]),
    ],
)  # fmt: skip
def test_a_part_is_refused_by_the_rules_that_it_breaks(name: str, kept: pl.Expr, rules: list[str]) -> None:
    found = failed(*keeping(name, kept))
    assert set(rules) <= set(found), found


def test_every_bundled_file_cut_in_half_at_the_end_of_a_record_is_refused() -> None:
    halves = {
        name: keeping(name, pl.col("artifact_row").unique().median() >= ROW)
        for name in bundled()
        if parsed(name).frame["artifact_row"].n_unique() > 1
    }
    assert len(halves) > 90
    assert_none(name for name, half in halves.items() if not failed(*half))


def test_every_bundled_file_stated_again_passes_and_so_does_one_with_more() -> None:
    assert_none(name for name in bundled() if failed(*keeping(name, pl.lit(value=True))))
    artifact, table, before = keeping(CUSTOMS, pl.lit(value=True))
    assert failed(artifact, table, before.filter(pl.col("period_start") < date(2025, 7, 1))) == []


def test_the_two_statements_of_one_edition_of_the_usgs_pass() -> None:
    first, second = (a for a in bundled().values() if a.partition == "MCS 2026")
    assert first.known_from < second.known_from
    assert failed(second, parsed(second.name), parsed(first.name).frame) == []


def test_chinas_exports_as_revised_a_year_later_pass() -> None:
    """WITS has an older version of Comtrade's figures of 2024 than Comtrade's own panel has."""
    code, panel = "850511", bundled()["all_reporters_850511_2024.csv"]
    china = (pl.col("reporter_code") == "CHN") & (pl.col("flow") == "export") & (pl.col("hs_code") == code)
    older = parsed("wits_chn_exports_2024.csv").frame.filter(china)
    table = parsed(panel.name)
    assert older.height == 186
    assert failed(panel, replace(table, frame=table.frame.filter(china)), older) == []


@pytest.mark.parametrize("n_lost", [1, 5, 18])
def test_a_handful_of_withdrawn_partners_passes(n_lost: int) -> None:
    partners = parsed("wits_chn_exports_2020.csv").frame.sort("value_usd")["artifact_row"].head(n_lost)
    assert failed(*keeping("wits_chn_exports_2020.csv", ~ROW.is_in(partners.to_list()))) == []


def test_a_withdrawal_that_the_publisher_states_loses_nothing_and_an_empty_body_loses_all() -> None:
    before = parsed("chn_imports_2846_2024.json")
    artifact, spec = bundled()["chn_imports_2846_2024.json"], before.spec
    for reason, is_refused in (("withdrawn", False), ("not_yet_published", True)):
        rejects = pl.DataFrame([(1, reason, "", "{}")], schema=REJECTS, orient="row")
        empty = ParsedTable(spec, before.frame.clear(), rejects)
        assert bool(failed(artifact, empty, before.frame)) is is_refused, reason
    assert {name for name, spec in table_specs().items() if spec.withdrawals} == {
        "un_comtrade__trade",
        "india_tradestat__trade",
    }


def test_a_month_that_a_page_says_is_no_longer_out_is_no_loss_and_the_others_are_still_compared() -> None:
    artifact, table, before = keeping(PARTNERS, pl.col("period_start").dt.month() != 6)
    rejects = pl.DataFrame([(1, "not_yet_published", "", "{}")], schema=REJECTS, orient="row")
    assert PERIODS in failed(artifact, replace(table, rejects=table.rejects.clear()), before)
    assert failed(artifact, replace(table, rejects=rejects), before) == []
    cut = table.frame.filter(pl.max("artifact_row") // 2 >= ROW)
    assert failed(artifact, replace(table, frame=cut, rejects=rejects), before) != []


def test_a_flow_stated_whole_after_its_parts_loses_nothing() -> None:
    artifact, table, before = keeping(CUSTOMS, pl.lit(value=True))
    whole = before.with_columns(pl.lit(None, pl.String).alias("part_label")).unique(
        [column for column in table.spec.key if column != "part_label"], keep="first", maintain_order=True
    )
    assert failed(artifact, replace(table, frame=whole), before) == []


def test_the_refusal_names_what_is_left_out_and_both_remedies() -> None:
    artifact, table, before = keeping(CUSTOMS, pl.col("period_start") >= date(2025, 12, 1))
    text = str(loses_too_much(artifact, [r for r in judge_losses(artifact, table, before) if r.stops]))
    assert "leaves out what has landed of it: 2025-01, 2025-02" in text
    assert "download all of the year so far" in text
    assert f"ree landing accept {artifact.sha256[:12]}" in text


LISTING = "chn_imports_2846_2024.json"


def without_a_partner(name: str, partner: str, *, in_total: bool) -> tuple[Artifact, ParsedTable, pl.DataFrame]:
    """A bundled listing that a publisher states again without a partner, taken out of its total too or not."""
    artifact, table, before = keeping(name, pl.col("partner_code") != partner)
    gone = before.filter(pl.col("partner_code") == partner)["value_usd"].sum() if in_total else 0.0
    total = pl.when("is_partner_world").then(pl.col("value_usd") - gone).otherwise("value_usd")
    return artifact, replace(table, frame=table.frame.with_columns(total.alias("value_usd"))), before


def test_a_listing_that_still_adds_up_to_its_total_is_whole_without_its_largest_partner() -> None:
    frame = parsed(LISTING).frame.filter(~pl.col("is_partner_world"))
    largest = frame.sort("value_usd")["partner_code"].last()
    assert failed(*without_a_partner(LISTING, largest, in_total=True)) == []
    assert VALUE in failed(*without_a_partner(LISTING, largest, in_total=False))


def test_a_total_of_another_kind_of_period_with_the_same_days_is_not_added() -> None:
    """A page of January prints the month and the year so far."""
    frame = parsed(LISTING).frame.filter(~pl.col("is_partner_world"))
    largest = frame.sort("value_usd")["partner_code"].last()
    artifact, table, before = without_a_partner(LISTING, largest, in_total=True)
    so_far = table.frame.filter("is_partner_world").with_columns(period_type=pl.lit("month_range"))
    assert failed(artifact, replace(table, frame=pl.concat([table.frame, so_far])), before) == []


def test_a_lost_total_is_no_withdrawal() -> None:
    assert failed(*keeping(LISTING, ~pl.col("is_partner_world") & (pl.col("value_usd") > 1e6)))
