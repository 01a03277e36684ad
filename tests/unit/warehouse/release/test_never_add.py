"""What must never be added together is declared of columns and tables that are published."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none
from warehouse.release.never_add import has_part, never_add


@pytest.fixture(scope="module")
def published() -> set[tuple[str, str]]:
    """Each published table, `core.fct_price`, with each of its columns."""
    with (PROJECT / "tests" / "release" / "published_schema.csv").open(encoding="utf-8", newline="") as file:
        return {(f"{row['schema']}.{row['table']}", row["column"]) for row in csv.DictReader(file)}


def test_every_declaration_names_what_is_published(published) -> None:
    tables = {table for table, _ in published}
    columns = {column for _, column in published}
    declared = never_add()

    def unknown() -> Iterator[str]:
        for group in (declared.statement, declared.apart, declared.contains, declared.only_for):
            yield from set(group) - columns
        for others in (*declared.only_for.values(), *declared.contains_across.values()):
            yield from set(others) - columns
        parts = [*declared.not_additive, *(part for pair in declared.summands for part in (pair.one, pair.other))]
        yield from (part for part in parts if not any(has_part(column, part) for column in columns))
        yield from (table for group, _ in declared.tables for table in group - tables)
        yield from (name for name in declared.instead if "." in name and name not in tables)
        for table, key in declared.things.items():
            yield from (f"{table}.{column}" for column in key if (table, column) not in published)
        for measure, key in declared.repeated.items():
            table, _, column = measure.rpartition(".")
            yield from (f"{table}.{name}" for name in (column, *key) if (table, name) not in published)

    assert_none(unknown())


def test_every_fact_says_what_answers_instead_of_a_sum_that_is_refused(published) -> None:
    without = {"core.fct_published_share"}
    facts = {table for table, _ in published if table.startswith("core.fct_")} - without
    assert_none(sorted(facts - set(never_add().instead)))


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("price_usd_per_kg_low", "a price or unit value"),
        ("china_value_share", "a share"),
        ("hhi", "an index of concentration"),
        ("value_usd", None),
        ("production_t_reo", None),
        ("reo_tonnes_high", None),
    ],
)
def test_a_measure_is_additive_or_what_its_name_says(column: str, kind: str | None) -> None:
    assert never_add().kind(column) == kind


def test_summands_are_a_pair_in_either_order() -> None:
    pair = next(pair for pair in never_add().summands if pair.one == "fob")
    assert pair.fit("exporter_fob_usd", "importer_cif_usd")
    assert pair.fit("m_cif_usd", "x_fob_usd")
    assert not pair.fit("x_fob_usd", "m_fob_usd")
