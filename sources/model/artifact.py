"""An artifact: a publisher's bytes with their provenance, and the errors of reading them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Literal

KnownBasis = Literal["stated", "release_feed", "assumed"]
Transcription = Literal["original", "extract", "transcribed"]

FIRST_YEAR = 1993
"""The earliest year of a partition: China's first data set in UN Comtrade that the warehouse holds."""


_LONGEST = 1_500
_END = 200


def shortened(text: str, longest: int = _LONGEST) -> str:
    """A text of at most about `longest` characters, without its middle if it has more.

    Half surrogate pairs, which no file or terminal takes, are escaped.
    """
    if len(text) > longest:
        text = f"{text[: longest - _END]} [… {len(text) - longest:,} characters left out …] {text[-_END:]}"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class SourceError(Exception):
    """The bytes of an artifact are not what its provenance says. Nothing of them is loaded.

    What it quotes of the file is shortened: a file decides neither the length of a message nor that of a log.
    """

    most_characters: ClassVar[int] = _LONGEST

    def __init__(self, artifact: Artifact | str, problem: str, remedy: str) -> None:
        name = artifact if isinstance(artifact, str) else artifact.name
        found = shortened(problem, self.most_characters)
        super().__init__(f"{shortened(name, 300)}: {found} Remedy: {shortened(remedy)}")


class OwnTableError(SourceError):
    """A table that a person fills is wrong: a list of its rows, whose writer shortens what it quotes of each."""

    most_characters = 8_000


class LayoutError(SourceError):
    """The columns or fields are not those of the declared layout."""


class TruncatedError(SourceError):
    """The bytes end early, or a page is exactly as long as the publisher's cap."""


class UnknownLabelError(SourceError):
    """A country, commodity, unit or flow label that the vocabulary does not hold."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A publisher's bytes, unchanged, with their provenance.

    `partition` names what the bytes are a statement of ("MCS 2025", "CHN imports of 2846 in 2024"): bytes
    that arrive later for the same partition are a new release of it. `year` is the calendar or edition
    year the partition belongs to. `known_from` is the day from which the publisher's statement was known.
    """

    source_code: str
    name: str
    layout: str
    partition: str
    year: int
    edition: str | None
    release: str
    known_from: date
    known_basis: KnownBasis
    transcription: Transcription
    url: str
    sha256: str
    original_sha256: str | None
    path: Path

    def read_bytes(self) -> bytes:
        """Return the bytes, after checking them against the recorded hash.

        Raises:
            TruncatedError: the file is not the one whose hash was recorded.
        """
        data = self.path.read_bytes()
        self._require_hash(hashlib.sha256(data).hexdigest())
        return data

    def check_bytes(self) -> None:
        """Check the bytes against the recorded hash in blocks, for files that need not fit in memory.

        Raises:
            TruncatedError: the file is not the one whose hash was recorded.
        """
        with self.path.open("rb") as file:
            self._require_hash(hashlib.file_digest(file, "sha256").hexdigest())

    def _require_hash(self, found: str) -> None:
        if found != self.sha256:
            raise TruncatedError(
                self,
                f"its bytes have the sha256 {found}, and {self.sha256} is recorded.",
                "restore the file; if it is the right one, correct the sha256 of its provenance row.",
            )


def artifact_of_file(path: Path, **fields: Any) -> Artifact:
    """An artifact of the bytes of a file; `fields` are those of `Artifact` beside `path` and `sha256`.

    Required: source_code, name, layout, partition, year, release, known_from, known_basis, url. Defaults: `edition`
    None, `transcription` "original", `original_sha256` None.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    defaults: dict[str, Any] = {"edition": None, "transcription": "original", "original_sha256": None}
    return Artifact(**(defaults | {"path": path, "sha256": digest} | fields))


def artifact_dropped(path: Path, about: Mapping[str, Any], received_on: date, layout: str, **fields: Any) -> Artifact:
    """An artifact of a file that a person dropped, known from that day since its publisher states none with it.

    `about` is the publisher's source.toml, `layout` the id of the layout. `fields` replace what is assumed: the file's
    own name, no partition yet, the year of the day.
    """
    assumed: dict[str, Any] = {
        "name": path.name,
        "partition": "",
        "year": received_on.year,
        "release": f"as fetched {received_on}",
        "known_from": received_on,
        "known_basis": "assumed",
    }
    return artifact_of_file(path, source_code=about["code"], url=about["url"], layout=layout, **(assumed | fields))
