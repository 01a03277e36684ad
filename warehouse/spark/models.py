"""The models and tests of a home's last build, as dbt compiled them, in the order in which they can run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from warehouse.settings import Settings
from warehouse.storage.work import FIRST_YEAR, LAST_YEAR, open_work, years_built

_BUILT = ("model", "test")


class NotCompiledError(Exception):
    """The home has no compiled models. The message has the remedy."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What dbt enforces of a table: its columns in order, and those that hold no null."""

    types: dict[str, str]
    """DuckDB's type by column: `{"value_usd": "double"}`."""
    not_null: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A model or a test."""

    name: str
    """A model with its schema, `core.fct_trade_flow`; a test by its name."""
    kind: str
    """`table`, `view`, `python` or `test`."""
    code: str
    """SQL for DuckDB, compiled; of a Python model its path in the project."""
    contract: Contract | None
    reads: tuple[str, ...]
    """Tables it reads, with their schemas."""
    tests: str | None = None
    """The table whose contract it tests, with its schema."""


def compiled(settings: Settings) -> list[Node]:
    """Every model and test of the last build, each after what it reads.

    Raises:
        NotCompiledError: the home was not built, dbt did not compile all of it, or the last build made some years
            alone.
    """
    path = settings.home / "dbt" / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        msg = f"{settings.home} has no compiled models: build first (`make warehouse`)."
        raise NotCompiledError(msg) from error
    with open_work(settings) as con:
        years = years_built(con)
    if years is not None:
        msg = (
            f"the last build of {settings.home} made some years of trade alone, and its compiled models read no others:"
            f" remove {settings.work_file.parent} and build again (`ree build`)."
        )
        raise NotCompiledError(msg)
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] in _BUILT}
    missing = [node["name"] for node in nodes.values() if not node.get("compiled_code")]
    if missing:
        msg = (
            f"{path} holds {len(missing)} models that are not compiled, {missing[0]} for one: "
            "build again (`ree build`); dbt compiles what it builds."
        )
        raise NotCompiledError(msg)
    named = {**manifest["nodes"], **manifest["sources"]}
    return [_node(nodes[key], named) for key in _in_order(nodes)]


def needed_for(nodes: Iterable[Node], wanted: Iterable[str]) -> list[Node]:
    """The models among `nodes` that `wanted` rest on, their tests, and what these read; order is kept.

    `wanted` are tables with their schemas (`core.fct_quota`) or whole schemas (`core`).
    """
    every = list(nodes)
    wished = set(wanted)
    models = {node.name: node for node in every if node.kind != "test"}
    waiting = [name for name in models if name in wished or name.partition(".")[0] in wished]
    contracts = {node.tests: node for node in every if node.tests}
    kept: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in models and name not in kept:
            kept.add(name)
            waiting.extend(models[name].reads)
            waiting.extend(contracts[name].reads if name in contracts else ())
    left_out = models.keys() - kept
    return [
        node
        for node in every
        if node.name in kept or (node.kind == "test" and node.reads and not left_out & set(node.reads))
    ]


def _in_order(nodes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    ordered: dict[str, None] = {}

    def visit(key: str) -> None:
        if key in nodes and key not in ordered:
            for other in nodes[key]["depends_on"]["nodes"]:
                visit(other)
            ordered[key] = None

    for key in sorted(nodes):
        visit(key)
    return list(ordered)


def _node(node: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]]) -> Node:
    is_test = node["resource_type"] == "test"
    is_python = node["language"] == "python"
    return Node(
        name=node["name"] if is_test else _table(node),
        kind="test" if is_test else "python" if is_python else _kind(node["config"]["materialized"]),
        code=node["original_file_path"] if is_python else of_every_year(node["compiled_code"]),
        contract=_contract(node["columns"]) if node["contract"]["enforced"] else None,
        reads=tuple(_read(node, named)),
        tests=_table(named[node["attached_node"]]) if node.get("attached_node") in named else None,
    )


def _kind(materialized: str) -> str:
    """Tables that a build makes by year are made whole on Spark."""
    return "table" if materialized == "incremental" else materialized


def of_every_year(code: str) -> str:
    """A query that DuckDB ran for one portion of years after another (`portions_of`), of all of them."""
    return code.replace("getvariable('first_year')", str(FIRST_YEAR)).replace(
        "getvariable('last_year')", str(LAST_YEAR)
    )


def _read(node: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What a node reads. dbt notes every dimension for a test of codes, which reads those of its own columns alone."""
    is_test = node["resource_type"] == "test"
    for key in node["depends_on"]["nodes"]:
        if key in named and (not is_test or named[key]["relation_name"] in node["compiled_code"]):
            yield _table(named[key])


def _table(node: Mapping[str, Any]) -> str:
    return f"{node['schema']}.{node.get('alias') or node['name']}"


def _contract(columns: Mapping[str, Mapping[str, Any]]) -> Contract:
    return Contract(
        types={name: column["data_type"] for name, column in columns.items()},
        not_null=tuple(
            name for name, column in columns.items() if any(one["type"] == "not_null" for one in column["constraints"])
        ),
    )
