"""The publishers of the warehouse. A folder of `publishers/` with a `source.toml` is one; nothing else lists them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sources import publishers

if TYPE_CHECKING:  # the settings read this registry, and no command that only reads needs Polars or an HTTP client
    from sources.http.fetcher import Fetcher, Receiver
    from sources.model.source import Source, TableSpec

_DESCRIPTION = "source.toml"


@cache
def publisher_codes() -> tuple[str, ...]:
    """The codes of all publishers in alphabetical order, in which they are loaded: `("bgs_wms", "cepii_baci", …)`."""
    folder = Path(publishers.__file__).parent
    return tuple(sorted(path.parent.name for path in folder.glob(f"*/{_DESCRIPTION}")))


@cache
def sources() -> dict[str, Source]:
    """Every publisher by its code.

    A publisher's module `parse` has `parse`, from an artifact to its tables, and `TABLES`, what those tables are.

    Raises:
        tomllib.TOMLDecodeError: a `source.toml` is not TOML.
        ModuleNotFoundError: a publisher without the module `parse`.
    """
    from sources.model.source import Source

    found = {}
    for code, about in _abouts().items():
        package = Path(publishers.__file__).parent / code
        module = import_module(f"{publishers.__name__}.{code}.parse")
        found[code] = Source(code=code, about=about, tables=module.TABLES, parse=module.parse, package=package)
    return found


@cache
def declared_settings() -> dict[str, dict[str, dict[str, Any]]]:
    """The `[settings]` table of each publisher's `source.toml`, by code; empty where it declares none.

    Unlike `sources`, this imports no parser.
    """
    return {code: about.get("settings", {}) for code, about in _abouts().items()}


@cache
def declared_live() -> dict[str, dict[str, Any]]:
    """The `[live]` table of each publisher's `source.toml`, by code; empty where it cannot be fetched."""
    return {code: about.get("live", {}) for code, about in _abouts().items()}


@cache
def _abouts() -> dict[str, dict[str, Any]]:
    """Each publisher's `source.toml`, by code."""
    folder = Path(publishers.__file__).parent
    files = {code: folder / code / _DESCRIPTION for code in publisher_codes()}
    return {code: tomllib.loads(file.read_text(encoding="utf-8")) for code, file in files.items()}


@cache
def fetchers() -> dict[str, Fetcher]:
    """The publishers that a program can reach, by code: those with a module `fetch`."""
    from sources.http.fetcher import Fetcher

    modules = _modules("fetch")
    return {
        code: Fetcher(module.discover, module.plan, module.fetch, getattr(module, "newest_release", None))
        for code, module in modules.items()
    }


@cache
def receivers() -> dict[str, Receiver]:
    """The publishers whose files a person drops into the inbox, by code: those with a module `receive`."""
    return {code: module.receive for code, module in _modules("receive").items()}


def _modules(name: str) -> dict[str, ModuleType]:
    """The module `name` of each publisher that has one, by the publisher's code."""
    names = {code: f"{publishers.__name__}.{code}.{name}" for code in publisher_codes()}
    return {code: import_module(module) for code, module in names.items() if find_spec(module)}


def table_specs() -> dict[str, TableSpec]:
    """Every raw table by name."""
    return {spec.name: spec for source in sources().values() for spec in source.tables}
