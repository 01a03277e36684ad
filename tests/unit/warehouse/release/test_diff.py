"""Differences between two small releases."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from warehouse.release.diff import diff_releases

ROWS = pl.DataFrame(
    {
        "country_code": ["CHN", "IND", "BRA"],
        "year": [2023, 2023, None],
        "value_t": [240000.0, 2900.0, None],
        "value_status": ["estimated", "estimated", "not_available"],
    }
)


def release(folder: Path, tables: dict[str, pl.DataFrame], key: tuple[str, ...] = ("country_code", "year")) -> Path:
    entries = []
    for table, frame in tables.items():
        schema, name = table.split(".")
        (folder / "parquet" / schema).mkdir(parents=True, exist_ok=True)
        frame.write_parquet(folder / "parquet" / schema / f"{name}.parquet")
        entries += [
            {"schema_name": schema, "table_name": name, "column_name": c, "column_position": i, "is_key": c in key}
            for i, c in enumerate(frame.columns, 1)
        ]
    (folder / "parquet" / "meta").mkdir(parents=True, exist_ok=True)
    pl.DataFrame(entries).write_parquet(folder / "parquet" / "meta" / "data_dictionary.parquet")
    return folder


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return release(tmp_path / "before", {"core.fct_x": ROWS})


def compared(before: Path, tmp_path: Path, rows: pl.DataFrame):
    return diff_releases(before, release(tmp_path / "after", {"core.fct_x": rows}))[0]


def test_equal_tables_have_no_difference_also_where_keys_and_values_are_null(before, tmp_path) -> None:
    found = compared(before, tmp_path, ROWS.reverse())
    assert found.is_empty
    assert (found.rows_before, found.rows_after) == (3, 3)


def test_tables_known_to_be_the_same_are_not_read(before, tmp_path) -> None:
    after = release(tmp_path / "after", {"core.fct_x": ROWS.with_columns(value_t=pl.lit(1.0))})
    assert diff_releases(before, after)[0].changed == 3
    (found,) = diff_releases(before, after, same={"core.fct_x"})
    assert found.is_empty
    assert (found.rows_before, found.rows_after) == (3, 3)


def test_a_changed_figure_is_named_by_key_column_and_both_values(before, tmp_path) -> None:
    found = compared(before, tmp_path, ROWS.with_columns(value_t=pl.Series([255000.0, 2900.0, None])))
    assert (found.added, found.removed, found.changed) == (0, 0, 1)
    assert [(e.key, e.column, e.before, e.after) for e in found.examples] == [
        ("CHN, 2023", "value_t", "240000.0", "255000.0")
    ]


def test_a_figure_that_becomes_null_has_changed(before, tmp_path) -> None:
    found = compared(before, tmp_path, ROWS.with_columns(value_t=pl.Series([None, 2900.0, 5.0])))
    assert found.changed == 2


def test_a_figure_that_differs_in_its_last_digit_is_listed(before, tmp_path) -> None:
    """Derived figures are settled: where two machines differ, the comparison names the cells."""
    found = compared(before, tmp_path, ROWS.with_columns(value_t=pl.col("value_t") * (1 + 1e-12)))
    assert found.changed > 0
    assert {change.column for change in found.examples} == {"value_t"}


def test_rows_gained_and_lost_are_counted_by_key(before, tmp_path) -> None:
    rows = pl.concat([ROWS.head(1), ROWS.tail(1).with_columns(country_code=pl.lit("AUS"))])
    found = compared(before, tmp_path, rows)
    assert (found.rows_before, found.rows_after, found.added, found.removed, found.changed) == (3, 2, 1, 2, 0)
    assert not found.is_empty


def test_columns_gained_and_lost_are_named(before, tmp_path) -> None:
    found = compared(before, tmp_path, ROWS.drop("value_status").with_columns(note=pl.lit("x")))
    assert (found.columns_gained, found.columns_lost) == (("note",), ("value_status",))
    assert not found.is_empty


def test_a_new_table_is_all_added_and_a_lost_one_all_removed(before, tmp_path) -> None:
    after = release(tmp_path / "after", {"core.fct_y": ROWS})
    found = {diff.table: diff for diff in diff_releases(before, after)}
    assert (found["core.fct_x"].removed, found["core.fct_x"].rows_after) == (3, 0)
    assert (found["core.fct_y"].added, found["core.fct_y"].rows_before) == (3, 0)


def test_meta_tables_are_not_compared_since_they_differ_in_every_release(before, tmp_path) -> None:
    after = release(tmp_path / "after", {"core.fct_x": ROWS, "meta.release": ROWS})
    assert [diff.table for diff in diff_releases(before, after)] == ["core.fct_x"]


def test_no_more_than_a_few_examples_are_shown(tmp_path) -> None:
    many = pl.DataFrame({"country_code": [f"C{n:02}" for n in range(40)], "year": 2023, "value_t": 1.0})
    old = release(tmp_path / "old", {"core.fct_x": many})
    found = compared(old, tmp_path, many.with_columns(value_t=pl.lit(2.0)))
    assert found.changed == 40
    assert len(found.examples) == 8


STATED = pl.DataFrame(
    {
        "country_code": ["CHN"],
        "year": [2023],
        "release": ["2024"],
        "known_from": ["2024-03-31"],
        "is_latest": [True],
        "value_t": [240000.0],
    }
)


def test_a_figure_restated_by_a_later_release_is_a_revision_with_what_it_was_and_is(tmp_path) -> None:
    key = ("country_code", "year", "release", "known_from")
    later = STATED.with_columns(
        pl.lit("2025").alias("release"), pl.lit("2025-04-30").alias("known_from"), pl.lit(255000.0).alias("value_t")
    )
    both = pl.concat([STATED.with_columns(pl.lit(value=False).alias("is_latest")), later])
    before = release(tmp_path / "before", {"core.fct_x": STATED}, key)
    found = diff_releases(before, release(tmp_path / "after", {"core.fct_x": both}, key))[0]
    assert (found.added, found.removed, found.revised) == (1, 0, 1)
    assert [(c.key, c.column, c.before, c.after) for c in found.revisions] == [
        ("CHN, 2023", "value_t", "240000.0", "255000.0")
    ]


def test_editions_side_by_side_are_no_revisions_of_each_other(tmp_path) -> None:
    """Each is the latest of its edition, and the key names what is measured only with the edition."""
    key = ("country_code", "year", "edition", "known_from")
    editions = pl.concat(
        STATED.drop("release").with_columns(edition=pl.lit(edition), known_from=pl.lit(day), value_t=pl.lit(value))
        for edition, day, value in (("2024", "2024-03-31", 240000.0), ("2025", "2025-04-30", 255000.0))
    )
    before = release(tmp_path / "before", {"core.fct_x": editions}, key)
    other = editions.with_columns(value_t=pl.col("value_t") + 1)
    (found,) = diff_releases(before, release(tmp_path / "after", {"core.fct_x": other}, key))
    assert (found.changed, found.revised, found.revisions) == (2, 0, ())


def test_a_figure_restated_unchanged_is_not_a_revision(tmp_path) -> None:
    key = ("country_code", "year", "release", "known_from")
    later = STATED.with_columns(pl.lit("2025").alias("release"), pl.lit("2025-04-30").alias("known_from"))
    both = pl.concat([STATED.with_columns(pl.lit(value=False).alias("is_latest")), later])
    before = release(tmp_path / "before", {"core.fct_x": STATED}, key)
    assert diff_releases(before, release(tmp_path / "after", {"core.fct_x": both}, key))[0].revised == 0


def test_a_part_of_the_key_that_the_earlier_release_lacks_is_null_there(before, tmp_path) -> None:
    rows = ROWS.with_columns(pl.Series("series", [None, None, "new"], dtype=pl.String))
    after = release(tmp_path / "after", {"core.fct_x": rows}, ("country_code", "year", "series"))
    found = diff_releases(before, after)[0]
    assert (found.added, found.removed, found.columns_gained) == (1, 1, ("series",))


def test_a_table_whose_only_key_is_the_fact_has_no_revisions_to_name(tmp_path) -> None:
    """Its id is of one release, so rows of two releases cannot be matched."""
    before = release(tmp_path / "before", {"marts.mart_x": STATED.with_columns(fact_id=pl.lit("a"))}, ("fact_id",))
    later = STATED.with_columns(pl.lit("2025").alias("release"), pl.lit("2025-04-30").alias("known_from"))
    after = release(tmp_path / "after", {"marts.mart_x": later.with_columns(fact_id=pl.lit("b"))}, ("fact_id",))
    (found,) = diff_releases(before, after)
    assert (found.revised, found.revisions) == (0, ())
    assert (found.added, found.removed) == (1, 1)


def by_year(folder: Path, years: dict[int, list[float | None]], last: Path | None = None) -> Path:
    """A release with a table of a file a year; years that are as in the last release are its files."""
    release(folder, {"core.fct_x": ROWS.clear()}, key=("n", "year"))
    parts = folder / "parquet" / "core" / "fct_x"
    parts.with_suffix(".parquet").unlink()
    parts.mkdir()
    for year, figures in years.items():
        frame = pl.DataFrame({"n": range(len(figures)), "year": [year] * len(figures), "t": figures}, strict=False)
        frame.write_parquet(parts / f"{year}.parquet")
        was = last and last / "parquet" / "core" / "fct_x" / f"{year}.parquet"
        if was and was.exists() and pl.read_parquet(was).equals(frame):
            (parts / f"{year}.parquet").unlink()
            (parts / f"{year}.parquet").hardlink_to(was)
    frames = [{"schema_name": "core", "table_name": "fct_x", "column_name": c, "column_position": i, "is_key": c != "t"}
              for i, c in enumerate(("n", "year", "t"), 1)]  # fmt: skip
    pl.DataFrame(frames).write_parquet(folder / "parquet" / "meta" / "data_dictionary.parquet")
    return folder


YEARS = {2022: [1.0, 2.0], 2023: [3.0], 2024: [5.0, 6.0, None]}


@pytest.mark.parametrize(
    "years",
    [
        YEARS,
        YEARS | {2023: [4.0]},
        YEARS | {2024: [5.0, 6.0, 7.0, 8.0]},
        YEARS | {2025: [9.0]},
        {year: YEARS[year] for year in (2022, 2024)},
        {2022: [1.0], 2023: [3.0, 3.0], 2026: [2.0]},
    ],
)
def test_files_that_both_releases_have_change_nothing_about_what_is_found(tmp_path, years) -> None:
    first = by_year(tmp_path / "first", YEARS)
    with_links, without = (
        diff_releases(first, by_year(tmp_path / name, years, last))
        for name, last in (("links", first), ("copies", None))
    )
    assert with_links == without
    assert with_links[0].rows_after == sum(map(len, years.values()))


def test_a_file_that_both_releases_have_is_not_compared(tmp_path) -> None:
    """Proved by a table that differs from itself: two rows of one key."""
    first = by_year(tmp_path / "first", YEARS)
    file = first / "parquet" / "core" / "fct_x" / "2022.parquet"
    pl.DataFrame({"n": [0, 0], "year": [2022, 2022], "t": [1.0, 2.0]}).write_parquet(file)
    second = by_year(tmp_path / "second", YEARS | {2023: [4.0]})
    assert diff_releases(first, second)[0].changed > 1
    linked = second / "parquet" / "core" / "fct_x" / "2022.parquet"
    linked.unlink()
    linked.hardlink_to(file)
    assert diff_releases(first, second)[0].changed == 1
