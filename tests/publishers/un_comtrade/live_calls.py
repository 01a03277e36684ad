"""Requests that fetch runs send to a fake UN Comtrade, and their results."""

from __future__ import annotations

import polars as pl

from sources.model.artifact import Artifact
from sources.model.source import ParsedTable
from sources.registry import sources
from tests.fakes.server import Request
from tests.helpers.artifacts import parse
from tests.helpers.fetch_harness import FetchOutcome
from warehouse.quality.gates import judge_load

KEY = "k3y-of-the-test-0123456789"
CHINA_2024 = "A/CHN/all/all/2024"
INDIA_2024 = "A/IND/all/all/2024"
INDIAS_MONTHS = [f"M/IND/all/all/{month}" for month in (202603, 202602, 202601)]


def of(outcome: FetchOutcome) -> dict[str, Artifact]:
    return {artifact.partition: artifact for artifact in outcome.artifacts}


def rows(table: ParsedTable) -> pl.DataFrame:
    """What is stated of figures, without their place and what only some layouts say."""
    return table.frame.drop("artifact_row", "layout_rank").sort("flow", "hs_code", "partner_code", "period_start")


def failed(outcome: FetchOutcome) -> list[str]:
    """The rules of gate 1 that stop what was fetched, of each of its tables."""
    by_table: dict[str, list[tuple[Artifact, ParsedTable]]] = {}
    for artifact in outcome.artifacts:
        for table in sources()["un_comtrade"].parse(artifact):
            by_table.setdefault(table.spec.name, []).append((artifact, table))
    results = [result for tables in by_table.values() for result in judge_load(tables)]
    return [result.rule for result in results if not result.success and result.severity == "critical"]


def usd(artifact: Artifact, partner: str, code: str, flow: str = "import") -> list[float]:
    return parse(artifact).frame.filter(partner_code=partner, hs_code=code, flow=flow)["value_usd"].to_list()


def is_data(request: Request) -> bool:
    return "/get/" in request.path or "/preview/" in request.path
