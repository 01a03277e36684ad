"""The publisher's partitions: an edition of the worksheet, named by its last year."""

from __future__ import annotations

from dataclasses import dataclass

from sources.model.partition import EditionKey


@dataclass(frozen=True, slots=True)
class Partition(EditionKey, series="DS140"):
    """One edition: `DS140 2022`."""
