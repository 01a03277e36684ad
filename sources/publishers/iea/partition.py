"""The partitions of the International Energy Agency: one edition of the outlook a year."""

from dataclasses import dataclass

from sources.model.partition import EditionKey


@dataclass(frozen=True, slots=True)
class Partition(EditionKey, series="IEA critical minerals"):
    """One edition: `IEA critical minerals 2025`."""
