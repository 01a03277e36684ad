"""Requests that fetch runs send to a fake TradeStat, and their results."""

from __future__ import annotations

from datetime import date

import polars as pl

from tests.helpers.artifacts import parse
from tests.helpers.fetch_harness import FetchOutcome
from warehouse.quality.gates import judge_load

TODAY = date(2026, 8, 24)
JUNE = "MEIDB/2846/import/all/2026-06/usd"
FEW = {"monthly": [{"codes": ["2846"], "measures": ["usd"], "records": 80}], "yearly": []}
LINES = {"monthly": [{"codes": ["28469090"], "measures": ["quantity"], "records": 40}], "yearly": []}
YEARLY = {"codes": ["28469090"], "measures": ["usd", "inr", "quantity"], "partner": "CHN", "records": 10}
YEARS = {"monthly": [], "yearly": [YEARLY]}


def months(outcome: FetchOutcome) -> list[str]:
    return [artifact.partition for artifact in outcome.artifacts]


def stated(outcome: FetchOutcome, partition: str) -> pl.DataFrame:
    """The rows of one page."""
    return parse(next(artifact for artifact in outcome.artifacts if artifact.partition == partition)).frame


def refused_by_gate_one(outcome: FetchOutcome) -> list[str]:
    loads = [(artifact, parse(artifact)) for artifact in outcome.artifacts]
    return [result.rule for result in judge_load(loads) if not result.success and result.severity == "critical"]


def value(frame: pl.DataFrame, partner: str, month: date) -> float:
    return frame.filter(
        (pl.col("partner_code") == partner) & (pl.col("period_type") == "month") & (pl.col("period_start") == month)
    )["value_usd"].item()
