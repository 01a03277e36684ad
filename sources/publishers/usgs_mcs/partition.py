"""The publisher's partitions: an edition of the Mineral Commodity Summaries."""

from __future__ import annotations

from dataclasses import dataclass

from sources.model.partition import EditionKey


@dataclass(frozen=True, slots=True)
class Partition(EditionKey, series="MCS"):
    """One edition: `MCS 2022`."""
