"""The publisher's partitions: an edition of the Minerals Yearbook."""

from __future__ import annotations

from dataclasses import dataclass

from sources.model.partition import EditionKey


@dataclass(frozen=True, slots=True)
class Partition(EditionKey, series="MYB"):
    """One edition: `MYB 2022`."""
