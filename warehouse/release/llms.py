"""Pages for assistants (https://llmstxt.org): what the warehouse is, what to read, what never to add, how to cite.

They are written from the descriptions of the models, the `sums` of the views of `bi`, and `never_add.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sources.registry import sources
from warehouse.release.catalogue import Table
from warehouse.release.never_add import never_add

_HEAD = """# rare-earth-warehouse

> A data warehouse of the India–China rare-earth trade: mine production, reserves, quotas, prices and customs trade,
> from the publishers' own figures, in one DuckDB file. Publishers disagree, revise and overlap, so most facts hold
> several statements of one thing. Every figure has its source, its status and the days on which it was known.
"""
_STEPS = """
## How to answer from it

1. Read the views of `bi` first, then `marts`, then `core`. Each column's meaning is in `meta.data_dictionary`, each
   table's caveats in `meta.usage_warnings`, and what is missing in `bi.coverage`.
2. Read `value_status` and `certainty`: a withheld value is not null, a dash is zero, a bound is a bound, an estimate is
   marked.
3. State the unit, the period, the edition or release, and the certainty with each figure. Units are in the names:
   `_usd` is US$, `_kg`, `_t_reo` is tonnes of rare-earth oxide, `_share` is 0 to 1. FOB is without freight, CIF with.
4. Trace a figure that matters: `ree why FACT_ID`, or `marts.mart_why`.
5. Cite the publisher, and the release of the warehouse.

`ree mcp` offers all of this as read-only tools to an assistant; its queries are refused where they add up what must
not be added.
"""
_PAGES = (
    ("assistants", "how an assistant connects, and what it is refused"),
    ("facts", "which table answers what, and where two hold the same thing"),
    ("bi-views", "the views of `bi`"),
    ("cookbook", "questions with SQL and answers"),
    ("methods", "what the figures mean, with limits"),
    ("reconciliation", "one figure from two reports"),
    ("sources", "the publishers"),
)


def llms_txt(tables: Mapping[str, Table], release: Mapping[str, Any] | None = None, pages: str = "docs/{}.html") -> str:
    """The short page.

    Args:
        tables: published tables by `schema.name`.
        release: the row of `meta.release`; None for the page of the repository.
        pages: address of a page of the documentation.
    """
    lines = [_HEAD]
    if release is not None:
        lines.append(f"Release {release['version']}, with what was known until {release['as_of_day']}.\n")
    lines.append(_STEPS)
    lines += ["## Views of bi, to read first", "", *(_view(tables[name]) for name in _of("bi", tables)), ""]
    lines += ["## What must never be added together", "", *_never(), ""]
    for schema, title in (("marts", "Answers to set questions"), ("core", "Facts and dimensions")):
        lines += [f"## {title} ({schema})", ""]
        lines += [f"- `{name}`: {_first_sentence(tables[name].description)}." for name in _of(schema, tables)]
        lines.append("")
    lines += ["## How to cite", "", *_citations(), ""]
    lines += ["## Documentation", "", *(f"- [{name}]({pages.format(name)}): {about}" for name, about in _PAGES)]
    return "\n".join(lines) + "\n"


def llms_full_txt(tables: Mapping[str, Table], release: Mapping[str, Any] | None = None) -> str:
    """The short page, then every table with its grain, key, warnings and columns."""
    lines = [llms_txt(tables, release), "## Every table", ""]
    for name, table in sorted(tables.items()):
        lines += [f"### {name}", "", table.description, ""]
        lines += [f"A row: {table.grain} Key: {', '.join(table.key)}.", ""]
        lines += [f"- `{column}`: {about}" for column, about in table.columns.items()]
        lines.append("")
    return "\n".join(lines)


def _of(schema: str, tables: Iterable[str]) -> list[str]:
    return sorted(name for name in tables if name.startswith(f"{schema}."))


def _view(table: Table) -> str:
    additive = ", ".join(f"`{measure}`" for measure in table.sums.get("additive", {}))
    by_thing = ", ".join(f"`{measure}`" for measure in table.sums.get("by_thing", ()))
    things = ", ".join(f"`{thing}`" for thing in table.sums.get("things", ()))
    return " ".join(
        [
            f"- `{table.schema}.{table.name}`: {_first_sentence(table.description)}.",
            *([f"Additive within a period: {additive}."] if additive else []),
            *([f"Never summed over {things}: {by_thing}."] if by_thing else []),
        ]
    )


def _never() -> list[str]:
    declared = never_add()
    statements = ", ".join(f"`{column}`" for column in declared.statement)
    kinds = ", ".join(sorted(set(declared.not_additive.values())))
    contained = [
        f"`{column}` ({', '.join(values)})" if values else f"`{column}`"
        for column, values in declared.contains.items()
        if values
    ]
    facts = ((", ".join(f"`{table}`" for table in sorted(tables)), why) for tables, why in declared.tables)
    return [
        f"- Rows that differ in {statements} alone: they state one thing several times. Filter `is_preferred`,"
        " `is_current` or `is_latest`, or one value.",
        *(f"- Several values of `{column}`. {why}." for column, why in declared.apart.items()),
        "- A tariff heading, its codes and its national lines (`core.dim_product.parent_key`), or a group of countries"
        " and its members.",
        f"- A value that contains the others, and the others: {', '.join(contained)}.",
        f"- Measures that are {kinds}.",
        *(f"- `{pair.one}` and `{pair.other}`. {pair.why}." for pair in declared.summands),
        *(f"- Rows of {names}: {why}." for names, why in facts),
    ]


def _citations() -> list[str]:
    return [
        f"- `{code}`: {source.about['citation']}. Licence: {source.about['licence']}."
        for code, source in sorted(sources().items())
    ]


def _first_sentence(text: str) -> str:
    found = re.match(r"(.+?)[.?](?=\s|$)", text, re.DOTALL)
    return found[1] if found else text
