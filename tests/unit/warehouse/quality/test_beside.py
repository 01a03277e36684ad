"""First statements: a file that was cut differs from the same query of the year beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from sources.model.artifact import Artifact
from sources.model.source import ParsedTable
from tests.helpers.artifacts import bundled, parsed
from tests.helpers.violators import assert_none
from warehouse.quality.beside import appears_cut, judge_beside, years_beside

RECORDS, ABSENT = "has_two_thirds_of_the_records_of_the_year_beside", "partners_and_lines_of_the_year_beside_are_there"
ROW = pl.col("artifact_row")


def years_of(artifact: Artifact) -> list[tuple[pl.DataFrame, int]]:
    """The bundled years beside an artifact's, each with the number of its records set aside."""
    names = years_beside(parsed(artifact.name).spec, artifact)
    tables = [parsed(other.name) for other in bundled().values() if other.partition in names]
    return [(table.frame, table.rejects.height) for table in tables]


def failed(name: str, kept: pl.Expr, **known: object) -> list[str]:
    artifact = replace(bundled()[name], **known)
    table: ParsedTable = parsed(name)
    table = replace(table, frame=table.frame.filter(kept), rejects=table.rejects.clear())
    return [result.rule for result in judge_beside(artifact, table, years_of(artifact)) if result.stops]


def test_years_beside_are_of_the_same_query() -> None:
    artifact = bundled()["gacc_exports_ind_284690_2025.csv"]
    spec = parsed(artifact.name).spec
    assert years_beside(spec, artifact) == ["GACC/CHN/X/IND/284690/2024", "GACC/CHN/X/IND/284690/2026"]
    events = bundled()["policy_events.csv"]
    assert years_beside(parsed(events.name).spec, events) == []


def test_every_bundled_file_is_like_a_year_beside_it() -> None:
    judged = {
        name: judge_beside(artifact, parsed(name), years)
        for name, artifact in bundled().items()
        if (years := years_of(artifact))
    }
    assert sum(bool(results) for results in judged.values()) == 27
    assert_none(f"{name}: {r.rule}: {r.observed}" for name, results in judged.items() for r in results if r.stops)


@pytest.mark.parametrize("year", [2018, 2019, 2020, 2021, 2022])
@pytest.mark.parametrize("report", ["partners", "lines_kg"])
def test_half_a_file_is_refused(report: str, year: int) -> None:
    assert RECORDS in failed(f"meidb_2846_{report}_{year}.csv", pl.col("artifact_row").unique().median() >= ROW)


def test_records_of_one_flow_are_one() -> None:
    # 2025 has one record of each line and partner, 2024 up to twelve
    name = "chn_imports_lines_2025.csv"
    assert 2 * parsed(name).frame.height < parsed("chn_imports_lines_2024.csv").frame.height
    assert failed(name, pl.lit(value=True)) == []
    assert RECORDS in failed(name, ROW % 2 == 0)


def test_a_file_without_the_partner_that_holds_most_of_the_value_is_refused() -> None:
    name = "meidb_2846_partners_2021.csv"
    assert ABSENT in failed(name, ~pl.col("partner_code").is_in(["CHN", "JPN", "FRA", "GBR"]))


def test_the_months_of_a_running_year_are_compared_with_the_same_months_of_the_year_before() -> None:
    name = "meidb_2846_partners_2025.csv"
    first_half = pl.col("period_start").dt.month() <= 6
    assert failed(name, first_half, known_from=date(2025, 9, 14)) == []
    assert failed(name, first_half & (ROW % 4 == 0), known_from=date(2025, 9, 14)) == [RECORDS]


@pytest.mark.parametrize("name", ["wits_chn_exports_2020.csv", "chn_imports_2846_2020.json"])
def test_a_partition_with_a_printed_total_is_left_to_the_rules_about_it(name: str) -> None:
    is_total = pl.col("is_partner_world")
    assert failed(name, is_total | (ROW <= 5)) == []
    assert failed(name, ~is_total & (ROW <= 5)) != []


def test_the_refusal_names_the_difference_and_the_remedy() -> None:
    artifact = bundled()["meidb_2846_partners_2021.csv"]
    table = parsed(artifact.name)
    part = replace(table, frame=table.frame.head(20))
    results = [r for r in judge_beside(artifact, part, years_of(artifact)) if r.stops]
    text = str(appears_cut(artifact, results))
    assert "MEIDB/2846/partners/2021 appears cut" in text
    assert "20 records where that has" in text
    assert "ree landing accept " in text
