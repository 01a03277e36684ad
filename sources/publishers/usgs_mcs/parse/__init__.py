"""Read tables of the Mineral Commodity Summaries: the rare-earth world table, prices and US salient statistics."""

from __future__ import annotations

from sources.model.artifact import Artifact
from sources.model.source import ParsedTable
from sources.publishers.usgs_mcs.editions import of_edition
from sources.publishers.usgs_mcs.parse.salient import PRICES, SALIENT, read_salient
from sources.publishers.usgs_mcs.parse.world import WORLD, read_world

TABLES = (WORLD, PRICES, SALIENT)


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one file of an edition.

    Returns one table for each kind of figure that the file's layout holds: the world table (`MINERAL_STATISTICS`,
    about 50 rows, tonnes of rare-earth-oxide equivalent), prices (`PRICES`, US$ per kg) and the other salient
    statistics (`SALIENT`, in the unit of each row).

    Raises:
        LayoutError: columns lost, another encoding, an undeclared layout.
        TruncatedError: no record of the table, no printed world total, or a salient table without its five years.
        UnknownLabelError: a country, or a kind of figure or unit of the world table, that is not known.
    """
    layout = of_edition(artifact)
    tables: list[ParsedTable] = []
    if artifact.layout in WORLD.layouts:
        tables.append(read_world(artifact, layout))
    if artifact.layout in SALIENT.layouts:
        tables += read_salient(artifact, layout)
    return tuple(tables)
