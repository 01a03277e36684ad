"""Which flows of the panel records and spreads are estimated from."""

from datetime import date

import polars as pl

from warehouse.statistics.gap_effects import FLOW_SCHEMA
from warehouse.statistics.mirror_panel import ANOMALY_SCHEMA, trusted

YEAR = date(2024, 1, 1)


def flow(exporter: str, importer: str, *, has_all: bool = True, product: str = "HS:850511") -> dict:
    figures = dict.fromkeys(("x_value", "m_value", "x_weight", "m_weight"), 1.0)
    return {
        "exporter_code": exporter, "importer_code": importer, "product_key": product, "period_start": YEAR,
        "has_all_reporters": has_all, **figures,
    }  # fmt: skip


def pairs(flows: list[dict], *named: tuple[str, str, str | None]) -> list[tuple[str, str]]:
    panel = pl.DataFrame(flows, schema={**FLOW_SCHEMA, "has_all_reporters": pl.Boolean})
    anomalies = [(role, code, "HS:850511", YEAR, anomaly) for role, code, anomaly in named]
    found = trusted(panel, pl.DataFrame(anomalies, schema=ANOMALY_SCHEMA, orient="row"))
    assert found.schema == pl.Schema(FLOW_SCHEMA)
    return sorted(found.select("exporter_code", "importer_code").rows())


def test_flows_of_years_that_lack_reporters_are_left_out() -> None:
    assert pairs([flow("A", "B"), flow("C", "D", has_all=False)]) == [("A", "B")]


def test_flows_of_a_named_reporter_are_left_out_in_that_role_and_product_alone() -> None:
    flows = [flow("A", "B"), flow("B", "A"), flow("A", "C", product="HS:280530"), flow("C", "B")]
    assert pairs(flows, ("exporter", "A", "values_times_10"), ("importer", "C", None)) == [
        ("A", "C"), ("B", "A"), ("C", "B")
    ]  # fmt: skip
    assert pairs(flows, ("importer", "B", "values_times_10")) == [("A", "C"), ("B", "A")]
