"""Steps that every parser shares: comparing columns, shaping rows like their feed, setting rows aside."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping

import polars as pl

from sources.model.artifact import Artifact, LayoutError
from sources.model.source import TableSpec

log = logging.getLogger("ree.parse")
_NAMED = 10


def to_feed_schema(spec: TableSpec, frame: pl.DataFrame) -> pl.DataFrame:
    """Select the columns of the table's feed, in their order and types.

    Returns as many rows as `frame` has. A column that `frame` does not have is null; a column that the feed does not
    have is dropped.

    Raises:
        polars.exceptions.InvalidOperationError: a value does not fit its column's type.
    """
    absent = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in spec.schema.items() if name not in frame.columns]
    return frame.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in spec.schema.items())


def rejects_from(frame: pl.DataFrame, reason_code: str, detail: pl.Expr | str, raw: list[str]) -> pl.DataFrame:
    """Turn rows of a working frame into rejects: one reject per row, with the columns `raw` as JSON.

    `reason_code` is a word such as `unreadable_value`, `detail` a sentence or an expression that gives one. Returns the
    columns of `REJECTS`.
    """
    text = pl.lit(detail) if isinstance(detail, str) else detail
    return frame.select(
        pl.col("artifact_row").cast(pl.Int64),
        pl.lit(reason_code).alias("reason_code"),
        text.cast(pl.String).alias("detail"),
        pl.struct(raw).struct.json_encode().alias("row_json"),
    )


def unreadable(cells: Mapping[str, pl.Expr]) -> pl.Expr:
    """The detail of a record that cannot be read: names its cells whose expression is not true.

    `{"kg": pl.col("number").is_not_null()}` gives "cannot be read: kg '1200,5'".
    """
    named = [
        pl.when(~is_read.fill_null(value=False)).then(
            pl.format("{} '{}'", pl.lit(column), pl.col(column).cast(pl.String).fill_null(""))
        )
        for column, is_read in cells.items()
    ]
    return pl.lit("cannot be read: ") + pl.concat_str(named, separator=", ", ignore_nulls=True)


_reported: set[tuple[str, str]] = set()
"""Publisher and name of the fields that were logged as new; see `forget_added_fields`."""


def log_added_fields(artifact: Artifact, fields: Iterable[str]) -> None:
    """Log the fields that a publisher added to its records, each once. They are not read; landed bytes keep them."""
    names = sorted(name for name in fields if (artifact.source_code, name) not in _reported)
    if names:
        _reported.update((artifact.source_code, name) for name in names)
        shown = ", ".join(name[:40] for name in names[:_NAMED])
        log.warning(
            "%s: %d fields are new and not read, first in %s: %s",
            artifact.source_code, len(names), artifact.name, shown, extra={"added_fields": names},
        )  # fmt: skip


def forget_added_fields(source_code: str) -> None:
    """Log a publisher's added fields again: called at the end of each of its runs, which read a file more than once."""
    _reported.difference_update([known for known in list(_reported) if known[0] == source_code])


def check_columns(artifact: Artifact, got: list[str], want: list[str]) -> None:
    """Compare a file's columns with those its layout declares, in any order.

    Raises:
        LayoutError: names the columns gained, lost or repeated.
    """
    times, wanted = Counter(got), set(want)
    lost = [name for name in want if name not in times]
    gained = [name for name in got if name not in wanted]
    twice = sorted(name for name, n in times.items() if n > 1)
    if twice:
        raise LayoutError(artifact, f"holds the columns {twice} more than once.", "look at the file's header.")
    if lost or gained:
        raise LayoutError(
            artifact,
            f"its columns are not those of layout '{artifact.layout}': lost {lost}, gained {gained}.",
            "if the publisher changed its layout, declare the new one as a row of layouts.toml.",
        )
