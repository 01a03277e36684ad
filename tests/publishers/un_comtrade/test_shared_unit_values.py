"""Weights that Comtrade filled in: one unit value for many partners gives them away."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from sources.publishers.un_comtrade.parse.shaping import mark_shared_unit_values
from tests.helpers.artifacts import artifact, parse, reasons, table


def flows(*rows: tuple[float | None, float | None], code="850511", flow="export", rounding=0.0) -> pl.DataFrame:
    """China's flows of 2016 as (US$, kg), the US$ known to plus or minus `rounding`."""
    return pl.DataFrame(
        [
            {
                "reporter_code": "CHN",
                "flow": flow,
                "hs_code": code,
                "period_start": date(2016, 1, 1),
                "value_usd": usd,
                "value_rounding_usd": rounding,
                "weight_rounding_kg": 0.0,
                "net_weight_kg": kg,
                "weight_status": "reported" if kg else "not_available",
            }
            for usd, kg in rows
        ],
        schema_overrides={"value_usd": pl.Float64, "net_weight_kg": pl.Float64},
    )


def statuses(frame: pl.DataFrame) -> list[str]:
    return mark_shared_unit_values(frame)["weight_status"].to_list()


AT_4557 = [(45.57 * kg, float(kg)) for kg in (1_000, 2_500, 770_461, 333, 48_000)]


def test_five_partners_at_one_unit_value_have_estimated_weights():
    assert statuses(flows(*AT_4557)) == ["estimated"] * 5


def test_four_partners_at_one_unit_value_may_be_chance():
    assert statuses(flows(*AT_4557[:4])) == ["reported"] * 4


def test_a_partner_at_its_own_unit_value_keeps_its_weight():
    assert statuses(flows(*AT_4557, (3_000.0, 100.0))) == [*["estimated"] * 5, "reported"]


def test_a_small_figure_shares_the_unit_value_as_far_as_its_rounding_explains():
    printed = flows((50.0, 1.0), (30.0, 1.0), rounding=5.0)
    assert statuses(pl.concat([flows(*AT_4557), printed])) == [*["estimated"] * 6, "reported"]


def test_unit_values_are_the_same_to_four_figures_whatever_their_size():
    tenth = [(usd / 10, kg) for usd, kg in AT_4557[:2]]
    assert statuses(flows(*AT_4557[:4], *tenth)) == ["reported"] * 6


@pytest.mark.parametrize("other", [{"code": "284690"}, {"flow": "import"}])
def test_another_code_or_flow_is_counted_by_itself(other):
    mixed = pl.concat([flows(*AT_4557[:4]), flows(AT_4557[4], **other)])
    assert statuses(mixed) == ["reported"] * 5


def test_a_weight_or_a_value_that_is_not_known_neither_counts_nor_changes():
    frame = flows(*AT_4557[:4], (100.0, None), (None, 5.0))
    assert statuses(frame) == [*["reported"] * 4, "not_available", "reported"]


def test_rows_and_order_stay_as_they_are():
    frame = flows(*AT_4557, (3_000.0, 100.0))
    assert mark_shared_unit_values(frame).drop("weight_status").equals(frame.drop("weight_status"))


PANEL = ["reporter", "partner", "cmd", "flow", "value", "netwgt"]


def panel(folder, *rows):
    return parse(artifact(folder, table(PANEL, *rows), source_code="un_comtrade", layout="extract_panel"))


def test_the_largest_row_of_a_flow_is_its_total_wherever_it_stands(tmp_path):
    read = panel(
        tmp_path,
        ["699", "156", "850511", "M", "60.5", "6"],
        ["699", "156", "850511", "M", "100.5", "10"],
        ["699", "156", "850511", "M", "40.0", "4"],
        ["699", "392", "850511", "M", "9.0", ""],
        ["156", "699", "850511", "X", "90.0", "0"],
    )
    assert sorted(read.frame["value_usd"]) == [9.0, 90.0, 100.5]
    assert reasons(read) == {"breakdown_row": 2}
    assert sorted(read.frame["weight_status"]) == ["not_available", "not_available", "reported"]


def test_a_total_repeated_by_its_only_part_is_one_flow(tmp_path):
    read = panel(tmp_path, *[["699", "156", "850511", "M", "100.5", "10"]] * 2)
    assert read.frame.height == 1
    assert reasons(read) == {"breakdown_row": 1}


def test_a_value_or_weight_that_is_no_number_is_set_aside(tmp_path):
    read = panel(
        tmp_path, ["699", "156", "850511", "M", "much", "10"], ["699", "392", "850511", "M", "5.0", "heavy"],
        ["699", "410", "850511", "M", "5.0", "1"],
    )  # fmt: skip
    assert reasons(read) == {"unreadable_value": 2}
    assert read.frame.height == 1
