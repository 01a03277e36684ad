"""Label → code maps of `labels.csv`. An unknown label stops the file; none is guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from sources.model.artifact import Artifact, UnknownLabelError
from sources.reading.cells import normalise

KINDS = ("area", "world", "other_countries")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The labels of one list of one publisher: label → (kind, area code)."""

    path: Path
    name: str
    entries: dict[str, tuple[str, str | None]]

    def require(self, artifact: Artifact, labels: Iterable[str]) -> None:
        """Stop unless every label is known.

        Raises:
            UnknownLabelError: names every unknown label and the file to add it to.
        """
        unknown = sorted({str(label) for label in labels if label is None or normalise(label) not in self.entries})
        if unknown:
            raise UnknownLabelError(
                artifact,
                f"holds labels that the vocabulary '{self.name}' does not: {', '.join(map(repr, unknown))}.",
                f"add each to {self.path.parent.name}/{self.path.name} with its area code, "
                "or correct the file if the label is misspelt.",
            )

    def apply(self, artifact: Artifact, frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """Add `kind` and `area_code` for the labels in `column`; the other columns are kept.

        Raises:
            UnknownLabelError: as `require`.
        """
        labels = frame[column].unique().to_list()
        self.require(artifact, labels)
        found = {label: self.entries[normalise(label)] for label in labels}
        return frame.with_columns(
            pl.col(column).replace_strict({k: v[0] for k, v in found.items()}, return_dtype=pl.String).alias("kind"),
            pl.col(column)
            .replace_strict({k: v[1] for k, v in found.items()}, return_dtype=pl.String)
            .alias("area_code"),
        )


@cache
def load_vocabulary(path: Path, name: str) -> Vocabulary:
    """Read the rows of `labels.csv` (columns vocabulary, label, kind, area_code) for one vocabulary.

    Raises:
        ValueError: the file holds no such vocabulary, a kind that is not one of `KINDS`, or a label twice.
    """
    rows = pl.read_csv(path, infer_schema=False, glob=False).filter(pl.col("vocabulary") == name)
    entries = {r["label"]: (r["kind"], r["area_code"]) for r in rows.iter_rows(named=True)}
    if not entries or len(entries) != rows.height or not set(rows["kind"]) <= set(KINDS):
        msg = f"{path}: vocabulary '{name}' is missing, repeats a label, or has a kind not in {KINDS}"
        raise ValueError(msg)
    return Vocabulary(path, name, entries)
