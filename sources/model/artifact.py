"""An artifact: a publisher's bytes with their provenance, and the errors of reading them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

KnownBasis = Literal["stated", "release_feed", "assumed"]
Transcription = Literal["original", "extract", "transcribed"]

FIRST_YEAR = 1993
"""The earliest year of a partition: China's first data set in UN Comtrade that the warehouse holds."""


_MOST_CHARACTERS = 2_000
"""Of a problem in an error: a file of a million unknown labels does not make a message of a million lines."""


def shortened(text: str, most: int = _MOST_CHARACTERS) -> str:
    """A text of at most `most` characters; what is left out in the middle is counted."""
    left_out = len(text) - most
    if left_out <= 0:
        return text
    return f"{text[: most * 3 // 4]} … ({left_out:,} characters left out) … {text[len(text) - most // 4 :]}"


class SourceError(Exception):
    """The bytes of an artifact are not what its provenance says. Nothing of them is loaded."""

    def __init__(self, artifact: Artifact | str, problem: str, remedy: str) -> None:
        name = artifact if isinstance(artifact, str) else artifact.name
        super().__init__(f"{shortened(name)}: {shortened(problem)} Remedy: {shortened(remedy)}")


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
                f"its bytes do not have the recorded sha256 {self.sha256[:16]}….",
                "restore the file; landed bytes are never edited.",
            )
