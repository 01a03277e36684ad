"""Re-exports, other parts of flows, and flows by second partner are statements of their own."""

from __future__ import annotations

import pytest

from sources.model.artifact import LayoutError
from sources.model.source import ParsedTable
from sources.registry import sources
from tests.helpers.artifacts import parse, parse_as, reasons
from tests.publishers.un_comtrade.builders import body, bulk, comtrade, record
from warehouse.quality.gates import judge_load, stopping
from warehouse.quality.whole import judge_whole

VIA = "un_comtrade__trade_via"
WORLD = record(partnerCode=0)
HONG_KONG, SINGAPORE, NETHERLANDS = 344, 702, 528


def read(tmp_path, *records, layout: str = "comtrade_preview") -> tuple[ParsedTable, ParsedTable]:
    """The rows of trade, and those beside them."""
    data = bulk(*records) if layout == "comtrade_bulk" else body(*records)
    made = comtrade(tmp_path, data, layout=layout, partition="A/IND/all/all/2024")
    return parse(made), parse_as(made, VIA)


@pytest.mark.parametrize("layout", ["comtrade_preview", "comtrade_bulk"])
@pytest.mark.parametrize(
    ("code", "flow", "detail"),
    [
        ("RX", "export", "re_export"),
        ("DX", "export", "domestic_export"),
        ("XIP", "export", "export_after_inward_processing"),
        ("XOP", "export", "export_for_outward_processing"),
        ("RM", "import", "re_import"),
        ("FM", "import", "foreign_import"),
        ("MIP", "import", "import_for_inward_processing"),
        ("MOP", "import", "import_after_outward_processing"),
    ],
)
def test_a_part_of_a_flow_is_a_statement_of_its_own(tmp_path, layout, code, flow, detail):
    trade, via = read(tmp_path, record(), record(flowCode=code, primaryValue=7.0), layout=layout)
    assert trade.frame["value_usd"].to_list() == [1000.0]
    assert via.frame.select("flow", "flow_detail", "value_usd", "second_partner_code").rows() == [
        (flow, detail, 7.0, None)
    ]
    assert reasons(trade) == reasons(via) == {}


def test_a_flow_by_second_partner_is_not_the_flow(tmp_path):
    hubs = [
        record(partner2Code=hub, primaryValue=float(hub), netWgt=2.0) for hub in (HONG_KONG, SINGAPORE, NETHERLANDS)
    ]
    trade, via = read(tmp_path, record(), *hubs)
    assert trade.frame.select("partner_code", "value_usd").rows() == [("CHN", 1000.0)]
    shown = via.frame.select("partner_code", "second_partner_code", "flow_detail", "value_usd", "net_weight_kg")
    assert shown.rows() == [
        ("CHN", "HKG", "import", 344.0, 2.0),
        ("CHN", "SGP", "import", 702.0, 2.0),
        ("CHN", "NLD", "import", 528.0, 2.0),
    ]


def test_a_transport_mode_of_a_second_partner_is_a_breakdown(tmp_path):
    trade, via = read(tmp_path, record(), record(partner2Code=HONG_KONG, motCode=1000))
    assert via.frame.is_empty()
    assert reasons(trade) == {"breakdown_row": 1}


def test_a_name_that_is_not_known_costs_its_own_row_and_no_other(tmp_path):
    trade, via = read(
        tmp_path,
        record(),
        record(partner2Code=985),
        record(flowCode="RX", partnerCode=985),
        record(flowCode="RX"),
    )
    assert trade.frame.height == via.frame.height == 1
    assert reasons(via) == {"unknown_partner": 2}
    assert "985" in via.rejects["detail"][0]


def test_two_records_of_one_part_cost_no_import(tmp_path):
    trade, via = read(tmp_path, record(), record(flowCode="RX"), record(flowCode="RX"), record(flowCode="DX"))
    assert trade.frame.height == 1
    assert via.frame["flow_detail"].to_list() == ["domestic_export"]
    assert reasons(via) == {"ambiguous_row": 2}


def test_no_record_is_read_twice_or_lost(tmp_path):
    records = [
        record(), record(flowCode="RX"), record(partner2Code=HONG_KONG), record(motCode=1000),
        record(flowCode="RX", partner2Code=HONG_KONG), record(flowCode="DX", partner2Code=985),
    ]  # fmt: skip
    tables = read(tmp_path, *records)
    rows = [row for table in tables for part in (table.frame, table.rejects) for row in part["artifact_row"]]
    assert sorted(rows) == [1, 2, 3, 4, 5, 6]


def of_hubs(tmp_path, *records, via: str = "344+528+702", layout: str = "comtrade_via"):
    return comtrade(tmp_path, body(*records), layout=layout, partition=f"A/IND/all/all/2024/via/{via}")


def test_a_body_of_second_partners_alone_has_no_trade(tmp_path):
    made = of_hubs(
        tmp_path,
        record(partner2Code=HONG_KONG),
        record(partner2Code=SINGAPORE, flowCode="RX"),
        record(partner2Code=SINGAPORE, motCode=1000),
    )
    (via,) = sources()["un_comtrade"].parse(made)
    assert via.spec.name == VIA
    assert via.frame.select("second_partner_code", "flow_detail").rows() == [("HKG", "import"), ("SGP", "re_export")]
    assert reasons(via) == {"breakdown_row": 1}
    assert stopping(judge_load([(made, via)])) == []


@pytest.mark.parametrize(("second", "via"), [(0, "344+528+702"), (0, "all"), (36, "344+528+702")])
def test_a_record_of_another_second_partner_is_refused(tmp_path, second, via):
    made = of_hubs(tmp_path, record(partner2Code=HONG_KONG), record(partner2Code=second), via=via)
    with pytest.raises(LayoutError, match=f"record 2 has partner2Code '{second}' in the partition .*Remedy: ask for"):
        sources()["un_comtrade"].parse(made)


def test_a_body_of_all_second_partners_may_have_any(tmp_path):
    (via,) = sources()["un_comtrade"].parse(
        of_hubs(tmp_path, record(partner2Code=36), record(partner2Code=HONG_KONG), via="all")
    )
    assert via.frame["second_partner_code"].to_list() == ["AUS", "HKG"]


@pytest.mark.parametrize("layout", ["comtrade_preview", "comtrade_joined", "comtrade_withdrawn"])
def test_the_layout_and_the_partition_of_second_partners_go_together(tmp_path, layout):
    with pytest.raises(LayoutError, match=r"has layout .* and partition"):
        sources()["un_comtrade"].parse(of_hubs(tmp_path, record(partner2Code=HONG_KONG), layout=layout))
    made = comtrade(tmp_path, body(record()), layout="comtrade_via", partition="A/IND/all/all/2024")
    with pytest.raises(LayoutError, match=r"has layout .* and partition"):
        sources()["un_comtrade"].parse(made)


def test_a_partition_without_such_rows_passes_gate_one(tmp_path):
    made = comtrade(tmp_path, body(WORLD, record()), partition="A/IND/all/all/2024")
    via = parse_as(made, VIA)
    assert via.rows_parsed == 0
    assert stopping(judge_load([(made, via)])) == []


def test_a_release_may_leave_out_what_the_one_before_had(tmp_path):
    made = comtrade(tmp_path, body(WORLD, record()), partition="A/IND/all/all/2024")
    before = read(tmp_path, record(flowCode="RX"))[1].frame
    assert judge_whole(made, parse_as(made, VIA), before, []) == []


def test_a_withdrawal_ends_both_tables(tmp_path):
    made = comtrade(tmp_path, body(), layout="comtrade_withdrawn", partition="A/IND/all/all/2024")
    assert parse(made).frame.is_empty()
    assert parse_as(made, VIA).rows_parsed == 0
