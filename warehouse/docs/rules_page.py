"""Writes docs/rules.md, every rule with its owner: `python -m warehouse.docs.rules_page`.

The page is the same for the same rules, so that a test can compare it with the committed one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sources.registry import table_specs
from warehouse.closed_lists import closed_lists
from warehouse.project_vars import project_vars
from warehouse.quality.expectations.rules import Suite
from warehouse.quality.expectations.suites import gate_one, gate_two
from warehouse.quality.neighbours.compare import RULES as NEIGHBOUR_RULES
from warehouse.settings import Settings
from warehouse.transform.manifest import read_manifest

PAGE = Path("docs", "rules.md")

_HEAD = """# Rules

Written by `python -m warehouse.docs.rules_page`; do not edit by hand. Each rule has one owner: the parser (can the
artifact be read), gate 1 (is this load plausible), dbt (keys, relationships, closed lists
and column types of what is built), gate 2 (are the facts plausible, also compared with the last release).

A critical rule that fails, or cannot be evaluated, stops the load or the release. A warning is published with it.
"""

_PARSER_CHECKS = (
    # what must hold, error raised, module
    ("the bytes have the recorded sha256", "TruncatedError", "model/artifact.py"),
    ("the layout is declared in the publisher's layouts.toml", "LayoutError", "reading/layouts.py"),
    ("no column is gained or lost, in any order", "LayoutError", "reading/tables.py"),
    ("Comtrade, BGS: no field is lost or of another type; a gained one is logged once a run, kept in the bytes and not"
     " read", "LayoutError", "reading/tables.py"),
    ("the file is readable in its declared encoding", "LayoutError", "reading/delimited.py"),
    ("no value is in a column without a name", "LayoutError", "reading/delimited.py"),
    ("every record reaches its last field, and there is one", "TruncatedError", "reading/delimited.py"),
    ("every country, flow and quality label is known, save small partners", "UnknownLabelError",
     "reading/vocabulary.py"),
    ("rows have exactly the declared columns and types", "LayoutError", "model/source.py"),
    ("no two rows share the key", "LayoutError", "model/source.py"),
    ("a correction still finds the value it was written for", "StaleCorrectionError", "reading/corrections.py"),
    ("USGS: every measure and year has its printed world total", "TruncatedError",
     "publishers/usgs_mcs/parse/world.py"),
    ("USGS: the kept rows are of the known kinds and units", "UnknownLabelError", "publishers/usgs_mcs/parse/world.py"),
    ("USGS: every item of a salient table has the five years of its edition", "TruncatedError",
     "publishers/usgs_mcs/parse/salient.py"),
    ("Comtrade API: count, where there is one, is the number of records", "TruncatedError",
     "publishers/un_comtrade/parse/records.py"),
    ("Comtrade API: the page is shorter than its cap", "TruncatedError", "publishers/un_comtrade/parse/records.py"),
    ("Comtrade API: the answer is not empty", "TruncatedError", "publishers/un_comtrade/parse/records.py"),
    ("Comtrade API: the body carries no error", "SourceError", "publishers/un_comtrade/parse/records.py"),
    ("Comtrade bulk: the gzip file is complete", "TruncatedError", "publishers/un_comtrade/parse/records.py"),
    ("workbook: every part has its checksum", "TruncatedError", "reading/workbooks.py"),
    ("workbook: the sheet, the lines above its table and its headings are there", "LayoutError",
     "reading/workbooks.py"),
    ("MYB: every mark has a footnote of known words", "UnknownLabelError", "publishers/usgs_myb/parse.py"),
    ("MYB: the printed total ends the countries", "TruncatedError", "publishers/usgs_myb/parse.py"),
    ("DS140: every year of the edition once, and the closing line", "TruncatedError", "publishers/usgs_ds140/parse.py"),
    ("China's customs: the partition's name states the query", "LayoutError", "publishers/china_customs/parse.py"),
    ("China's customs: fewer than 10,000 rows", "TruncatedError", "publishers/china_customs/parse.py"),
    ("China's customs: code and name of partner and mode agree", "UnknownLabelError",
     "publishers/china_customs/parse.py"),
    ("China's customs: single months, one currency", "LayoutError", "publishers/china_customs/parse.py"),
    ("TradeStat page: the table, title and units it claims", "LayoutError",
     "publishers/india_tradestat/parse/pages.py"),
    ("BACI: release and revision are those of the partition's name", "LayoutError", "publishers/cepii_baci/parse.py"),
    ("BACI yearly file: its text ends with a record", "TruncatedError", "publishers/cepii_baci/yearly.py"),
    ("PIB: every row is of the release that was landed", "LayoutError", "publishers/pib_india/parse.py"),
    ("Policy steps: ids and codes have their form, no word is empty", "LayoutError",
     "publishers/policy_events/parse.py"),
    ("BGS: as many features as matched; a CSV is no full page", "TruncatedError", "publishers/bgs_wms/records.py"),
    ("BGS: every note is known and goes with its code", "UnknownLabelError", "publishers/bgs_wms/parse.py"),
    ("BGS: names and country codes go together", "UnknownLabelError", "publishers/bgs_wms/parse.py"),
)  # fmt: skip


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows]
    return [*lines, ""]


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _parser() -> list[str]:
    lines = ["## Parser", "", "A failure loads nothing of the artifact; the others load.", ""]
    lines += _table(("rule", "error", "where"), ((w, f"`{e}`", f"`sources/{m}`") for w, e, m in _PARSER_CHECKS))
    lines += _table(
        ("raw table", "columns", "key", "reasons for quarantine it foresees"),
        (
            (f"`{name}`", str(len(spec.schema)), _codes(spec.key), _codes(sorted(spec.expected_rejects)) or "none")
            for name, spec in sorted(table_specs().items())
        ),
    )
    return lines


def _gate(title: str, about: str, suites: Mapping[str, Suite]) -> list[str]:
    lines = [f"## {title}", "", about, ""]
    for table, suite in suites.items():
        lines += [f"### {table}", ""]
        lines += _table(
            ("rule", "severity", "why", "expectation"),
            ((f"`{rule.name}`", rule.severity, rule.why, rule.expectation) for rule in suite.rules),
        )
    return lines


def _tested_model(node: Mapping[str, Any]) -> str:
    tested = node.get("model") or node.get("attached_node") or node["depends_on"]["nodes"][0]
    return str(tested).rpartition(".")[2]


def _sentence(node: Mapping[str, Any]) -> str:
    """A test's description, or its name, which is a sentence."""
    return " ".join(str(node["description"] or node["name"].replace("_", " ")).split())


def _must(node: Mapping[str, Any], tables: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a dbt test checks; `tables` are the manifest's models and seeds."""
    if node["resource_type"] == "unit_test":
        return [("unit test", _sentence(node))]
    about = node.get("test_metadata")
    if not about:
        return [("singular test", _sentence(node))]
    table = tables[node["attached_node"]]
    promised = table["config"]["meta"]
    keys = [promised["key"]] if "key" in promised else []
    must = [(_codes(columns), "unique") for columns in [*keys, *promised.get("also_unique", ())]]
    if "never_null" in promised:
        must.append((_codes(promised["never_null"]), "never null"))
    if about["name"] == "contract":
        known = {*closed_lists(), *(column for column, _ in _references())}
        columns = promised.get("codes") or table["columns"]
        must.append((_codes([column for column in columns if column in known]), "known codes"))
    return must


def _never_null(node: Mapping[str, Any]) -> list[str]:
    """Columns of a model that its contract keeps from being null."""
    kinds = {name: [rule["type"] for rule in column["constraints"]] for name, column in node["columns"].items()}
    return [name for name, found in kinds.items() if "not_null" in found]


def _references() -> list[tuple[str, str]]:
    """Columns that by their name point to a dimension, and to what: `reporter_code`, `dim_area.area_code`."""
    references = project_vars()["references"]
    return [(column, f"{dim}.{own}") for dim, columns in references.items() for column, own in columns.items()]


def _by_name() -> list[str]:
    """Tests that follow from a column's name, in every table that has it."""
    lines = ["In every table a column of one of these names has a value of its list or is null.", ""]
    lines += _table(("column", "closed list"), ((f"`{c}`", _codes(v)) for c, v in closed_lists().items()))
    lines += ["In every table a column of one of these names refers to its dimension or is null.", ""]
    return lines + _table(("column", "refers to"), ((f"`{column}`", f"`{target}`") for column, target in _references()))


def _comparison() -> list[str]:
    return [
        "## Comparison with neighbours",
        "",
        "Over all loads, once every publisher is loaded. A critical failure refuses the load; a person can accept its"
        " file with `ree landing accept`.",
        "",
        *_table(("rule", "why it stops a load"), NEIGHBOUR_RULES.items()),
    ]


def _dbt(manifest: Mapping[str, Any]) -> list[str]:
    lines = [
        "## dbt",
        "",
        "Models of core, marts, bi and meta have an enforced contract: exactly the columns and types of their YAML, and"
        " no null in the columns marked `not null`.",
        "",
        *_by_name(),
    ]
    nodes = [*manifest["nodes"].values(), *manifest.get("unit_tests", {}).values()]
    tests = [node for node in nodes if node["resource_type"] in {"test", "unit_test"}]
    rows = sorted(
        (_tested_model(node), *must, str(node["config"].get("severity") or "error").lower())
        for node in tests
        for must in _must(node, manifest["nodes"])
    )
    rows += [
        (node["name"], _codes(never_null), "not null", "error")
        for node in nodes
        if node["resource_type"] == "model" and (never_null := _never_null(node))
    ]
    for model in sorted({row[0] for row in rows}):
        lines += [f"### {model}", ""]
        lines += _table(("columns", "must be", "severity"), (row[1:] for row in rows if row[0] == model))
    return lines


def rules_page(manifest: Mapping[str, Any]) -> str:
    """Render the page from the parsers' tables, the suites of both gates and dbt's manifest."""
    lines = [
        _HEAD,
        *_parser(),
        *_gate(
            "Gate 1",
            "Great Expectations, over the rows of a load before they enter raw; each partition is judged by itself.",
            gate_one(),
        ),
        *_comparison(),
        *_dbt(manifest),
        *_gate(
            "Gate 2",
            "Great Expectations, over the candidate's facts and those of the last release. Rules that begin with"
            " `drift_` can be accepted for one build, with a reason.",
            gate_two(),
        ),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> None:
    """Write docs/rules.md of the checkout that is the current folder."""
    if not PAGE.parent.is_dir():
        sys.exit(f"There is no folder {PAGE.parent} here: run this at the top of a checkout.")
    manifest = read_manifest(Settings())
    PAGE.write_text(rules_page(manifest), encoding="utf-8")
    sys.stdout.write(f"{PAGE} written\n")


if __name__ == "__main__":
    main()
