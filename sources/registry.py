"""The publishers this warehouse reads. Adding one is a folder beside this file and a line in `_PUBLISHERS`.

Belongs here: the list, and how a folder becomes a `Source`. Does not belong here: anything about a publisher.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from sources.contract import Source, TableSpec
from sources.india_tradestat import parse as india_tradestat
from sources.un_comtrade import parse as un_comtrade
from sources.usgs_mcs import parse as usgs_mcs

_PUBLISHERS = {
    "usgs_mcs": (usgs_mcs.parse, (usgs_mcs.WORLD,)),
    "un_comtrade": (un_comtrade.parse, (un_comtrade.TRADE_TABLE,)),
    "india_tradestat": (india_tradestat.parse, (india_tradestat.TRADE_TABLE,)),
}


@cache
def sources() -> dict[str, Source]:
    """Every publisher by its code, in the order they are loaded."""
    found = {}
    for code, (parse, tables) in _PUBLISHERS.items():
        package = Path(__file__).parent / code
        about = tomllib.loads((package / "source.toml").read_text(encoding="utf-8"))
        found[code] = Source(code=code, about=about, tables=tables, parse=parse, package=package)
    return found


def table_specs() -> dict[str, TableSpec]:
    """Every raw table by name."""
    return {spec.name: spec for source in sources().values() for spec in source.tables}
