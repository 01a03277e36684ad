"""Writes docs/validation.md, official figures beside the warehouse's: `python -m warehouse.docs.validation_page`."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from warehouse.docs.markdown import number, percent, table
from warehouse.docs.validation.statements import Compared, Kind, compare, comparisons, statements, tally
from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.database import open_reader

PAGE = Path("docs", "validation.md")
_HEAD = """# Official figures compared with the warehouse's

{count} figures as their publishers print them, beside the figures of the release of the bundled files. Agree: {agree};
differ: {differ}; not in the release: {missing}. Each difference has a reason or is called open. What agreement proves
depends on who counted (differences are absolute, their median over all figures of the row):
"""
_PROVES = {
    Kind.INDEPENDENT: "two offices that counted the same thing, or estimated it, come to the same size."
    " It does not prove which is right",
    Kind.SAME_FIGURE: "the files are read, labelled and added up as their publisher means them."
    " It says nothing of the truth",
    Kind.TRANSCRIPTION: "the figure was typed as the page has it. Nothing else",
}
_TITLES = {
    Kind.INDEPENDENT: "Independent figures",
    Kind.SAME_FIGURE: "The same figure by another road",
    Kind.TRANSCRIPTION: "Typed figures against their page",
}
_RULES = """
A partner country's customs are independent of ours; what a national office gives to UN Comtrade is the same figure. So
are BACI's, computed from the same reports, the mine production that the USGS takes from the quota or from the only
producer, and the BGS's where it equals the USGS's year after year. The USGS's printed tables of 2025 and 2026 are not
an input, except the version of 27 May 2026, which was typed for the bundle.

The tolerance belongs to the kind of comparison, not to the figure, and is relative: 2 % of 80 % is 1.6 points. "Ours"
of a flow is the report of the other side, never the reconciled figure, which has both in it.
"""
_FOOT = """Written by `python -m warehouse.docs.validation_page` from `warehouse/docs/validation/`: `statements.csv`
(the figures), `queries.toml` (the SQL that finds ours), `comparisons.csv` (the tolerances). A test writes the page
again, and fails if it differs, if a difference has no reason, or if a figure of a publisher that the release holds is
no longer that publisher's.
"""


def validation_page(compared: list[Compared]) -> str:
    """The page: counts by kind and by comparison, then one table a citation."""
    whole = tally(compared)
    head = _HEAD.format(count=whole.count, agree=whole.agree, differ=whole.differ, missing=whole.missing)
    lines = [head, *_by_kind(compared), _RULES.lstrip(), *_by_comparison(compared), _FOOT]
    for kind in Kind:
        lines += [f"## {_TITLES[kind]}", ""]
        of_kind = [one for one in compared if one.statement.kind is kind]
        for (publisher, citation, url), group in groupby(
            of_kind, key=lambda one: (one.statement.publisher, one.statement.citation, one.statement.url)
        ):
            lines += _section(publisher, citation, url, list(group))
    return "\n".join(lines)


def _by_kind(compared: list[Compared]) -> list[str]:
    counts = [(kind, tally([one for one in compared if one.statement.kind is kind])) for kind in Kind]
    return table(
        ("kind", "figures", "agree", "differ", "not held", "median difference", "agreement proves that"),
        "-#####-",
        (
            (f"`{kind}`", f"{n.count}", f"{n.agree}", f"{n.differ}", f"{n.missing}", percent(n.median_difference),
             _PROVES[kind])
            for kind, n in counts
        ),
    )  # fmt: skip


def _by_comparison(compared: list[Compared]) -> list[str]:
    rows = []
    for one in comparisons().values():
        for kind in Kind:
            of_it = [c for c in compared if c.statement.comparison is one and c.statement.kind is kind]
            if of_it:
                n = tally(of_it)
                rows.append(
                    (one.what, one.why, f"`{kind}`", f"{one.tolerance:.1%}".replace(".0", ""), f"{n.count}",
                     f"{n.agree}", percent(n.median_difference))
                )  # fmt: skip
    return table(
        ("comparison", "what may differ", "kind", "tolerance", "figures", "agree", "median difference"),
        "---####",
        rows,
    )


def _section(publisher: str, citation: str, url: str, compared: list[Compared]) -> list[str]:
    n = tally(compared)
    counts = f"{n.count} figures" if n.count > 1 else "1 figure"
    middle = "" if n.median_difference is None else f", median difference {percent(n.median_difference)}"
    return [
        f"### {publisher}: {citation}",
        "",
        f"<{url}>",
        "",
        f"{counts}, {n.agree} agree{middle}.",
        "",
        *table(("figure", "unit", "printed", "ours", "difference", ""), "--###-", map(_row, compared)),
    ]


def _row(one: Compared) -> tuple[str, ...]:
    official = one.statement
    return (
        official.statement,
        official.unit,
        number(official.quoted),
        "–" if one.ours is None else number(one.ours),
        percent(one.difference, sign=True),
        "agrees" if one.agrees else official.reason,
    )


def main() -> None:
    """Write docs/validation.md of the checkout that is the current folder, from the published release."""
    if not PAGE.parent.is_dir():
        sys.exit(f"There is no folder {PAGE.parent} here: run this at the top of a checkout.")
    settings = Settings()
    with open_reader(database(settings), settings) as con:
        PAGE.write_text(validation_page(compare(con, statements())), encoding="utf-8")


if __name__ == "__main__":
    main()
