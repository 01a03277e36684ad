"""Label → code maps of `labels.csv`, and the labels that a user adds. An unknown label is never guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import polars as pl

from sources.model.artifact import Artifact, UnknownLabelError
from sources.reading.cells import normalise

KINDS = ("area", "world", "other_countries")
OWN_COLUMNS = ("source_code", "vocabulary", "label", "kind", "area_code")
"""Columns of a user's own labels: those of `labels.csv` after the publisher's code."""
_NAMED = 20
"""Unknown labels that an error names; of more it gives the number."""

Entry = tuple[str, str | None]
"""What a label means: its kind, one of `KINDS`, and its area code."""


@dataclass(frozen=True, slots=True)
class OwnLabels:
    """A user's own labels: (publisher, vocabulary) → label → entry, and which of them were applied."""

    entries: Mapping[tuple[str, str], Mapping[str, Entry]] = field(default_factory=dict)
    used: set[tuple[str, str, str]] = field(default_factory=set)

    def of(self, source_code: str) -> list[tuple[str, str, str, str | None]]:
        """The own labels of one publisher as (vocabulary, label, kind, area code), sorted."""
        return sorted(
            (name, label, *entry)
            for (code, name), labels in self.entries.items()
            for label, entry in labels.items()
            if code == source_code
        )


_OWN: ContextVar[OwnLabels] = ContextVar("own_labels", default=OwnLabels())  # noqa: B039 - never changed


@contextmanager
def use_own_labels(labels: OwnLabels) -> Iterator[None]:
    """Within it, vocabularies have the user's own labels beside the bundled ones."""
    token = _OWN.set(labels)
    try:
        yield
    finally:
        _OWN.reset(token)


def own_labels() -> OwnLabels:
    """The own labels in use; none outside `use_own_labels`."""
    return _OWN.get()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The labels of one list of one publisher: label → (kind, area code)."""

    path: Path
    name: str
    entries: dict[str, Entry]

    def unknown(self, labels: Iterable[str | None]) -> list[str]:
        """The labels that the vocabulary does not have, as text, sorted."""
        return sorted({str(label) for label in labels if label is None or normalise(label) not in self.entries})

    def require(self, artifact: Artifact, labels: Iterable[str | None]) -> None:
        """Stop unless every label is known.

        Raises:
            UnknownLabelError: names the unknown labels, the nearest known ones and the line that adds each.
        """
        unknown = self.unknown(labels)
        if unknown:
            raise UnknownLabelError(artifact, self._problem(unknown), self._remedy(unknown))

    def apply(self, artifact: Artifact, frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """Add `kind` and `area_code` for the labels in `column`; the other columns are kept.

        Raises:
            UnknownLabelError: as `require`.
        """
        labels = frame[column].unique().to_list()
        self.require(artifact, labels)
        found = {label: self.entries[normalise(label)] for label in labels}
        self._note_own(normalise(label) for label in labels)
        return frame.with_columns(
            pl.col(column).replace_strict({k: v[0] for k, v in found.items()}, return_dtype=pl.String).alias("kind"),
            pl.col(column)
            .replace_strict({k: v[1] for k, v in found.items()}, return_dtype=pl.String)
            .alias("area_code"),
        )

    def _note_own(self, labels: Iterable[str]) -> None:
        source_code = self.path.parent.name
        own = own_labels()
        added = own.entries.get((source_code, self.name), {})
        own.used.update((source_code, self.name, label) for label in labels if label in added)

    def _problem(self, unknown: list[str]) -> str:
        named = ", ".join(repr(label[:80]) for label in unknown[:_NAMED])
        more = f" and {len(unknown) - _NAMED:,} more" if len(unknown) > _NAMED else ""
        return f"holds labels that {self.path.parent.name}/{self.path.name}, '{self.name}', does not: {named}{more}."

    def _remedy(self, unknown: list[str]) -> str:
        nearest = [
            f"{label[:80]!r} is nearest to {' or '.join(map(repr, near))}"
            for label in unknown[:_NAMED]
            if (near := get_close_matches(label[:80], self.entries, n=2, cutoff=0.75))
        ]
        return (
            f"correct the file if a label is misspelt{': ' + '; '.join(nearest) if nearest else ''}."
            " Add a label that the publisher uses to the file that REE_OWN_LABELS names"
            f" (header {','.join(OWN_COLUMNS)}), with the code of its area: {self.line_for(unknown[0][:80])}"
        )

    def line_for(self, label: str) -> str:
        """The line of a file of own labels that adds `label`; its area code is left to the person who adds it."""
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([self.path.parent.name, self.name, label, "area", "???"])
        return line.getvalue()


def load_vocabulary(path: Path, name: str) -> Vocabulary:
    """Read the rows of `labels.csv` (columns vocabulary, label, kind, area_code) for one vocabulary.

    The own labels in use for the publisher, whose code is the name of the file's folder, stand beside them.

    Raises:
        ValueError: the file holds no such vocabulary, a kind that is not one of `KINDS`, or a label twice.
    """
    bundled = _bundled(path, name)
    added = own_labels().entries.get((path.parent.name, name))
    return Vocabulary(path, name, bundled.entries | dict(added)) if added else bundled


def names_of_vocabularies(path: Path) -> list[str]:
    """The names of the vocabularies of a `labels.csv`, in its order."""
    return pl.read_csv(path, infer_schema=False, glob=False)["vocabulary"].unique(maintain_order=True).to_list()


@cache
def _bundled(path: Path, name: str) -> Vocabulary:
    rows = pl.read_csv(path, infer_schema=False, glob=False).filter(pl.col("vocabulary") == name)
    entries = {r["label"]: (r["kind"], r["area_code"]) for r in rows.iter_rows(named=True)}
    if not entries or len(entries) != rows.height or not set(rows["kind"]) <= set(KINDS):
        msg = f"{path}: vocabulary '{name}' is missing, repeats a label, or has a kind not in {KINDS}"
        raise ValueError(msg)
    return Vocabulary(path, name, entries)
