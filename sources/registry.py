"""The publishers this warehouse reads. Adding one is a folder beside this file and a line in `_PUBLISHERS`.

Belongs here: the list, and how a folder becomes a `Source`. Does not belong here: anything about a publisher.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path

from sources.http.fetcher import Fetcher, Receiver
from sources.model.artifact import Source, TableSpec

_PUBLISHERS = (
    "usgs_mcs",
    "un_comtrade",
    "india_tradestat",
    "usgs_myb",
    "usgs_ds140",
    "bgs_wms",
    "china_customs",
    "china_quotas",
    "cepii_baci",
    "pib_india",
    "india_amd",
    "policy_events",
)


@cache
def sources() -> dict[str, Source]:
    """Every publisher by its code, in the order they are loaded.

    A publisher's `parse.py` has `parse`, from an artifact to its tables, and `TABLES`, what those tables are.
    """
    found = {}
    for code in _PUBLISHERS:
        package = Path(__file__).parent / code
        about = tomllib.loads((package / "source.toml").read_text(encoding="utf-8"))
        module = import_module(f"sources.{code}.parse")
        found[code] = Source(code=code, about=about, tables=module.TABLES, parse=module.parse, package=package)
    return found


@cache
def fetchers() -> dict[str, Fetcher]:
    """The publishers that a program can reach, by code: those that have a `fetch.py`."""
    modules = {
        code: import_module(f"sources.{code}.fetch")
        for code, source in sources().items()
        if (source.package / "fetch.py").exists()
    }
    return {
        code: Fetcher(module.discover, module.plan, module.fetch, getattr(module, "newest_release", None))
        for code, module in modules.items()
    }


@cache
def receivers() -> dict[str, Receiver]:
    """The publishers whose files a person drops into the inbox, by code: those that have a `receive.py`."""
    return {
        code: import_module(f"sources.{code}.receive").receive
        for code, source in sources().items()
        if (source.package / "receive.py").exists()
    }


def table_specs() -> dict[str, TableSpec]:
    """Every raw table by name."""
    return {spec.name: spec for source in sources().values() for spec in source.tables}
