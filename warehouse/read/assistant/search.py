"""Finds tables, columns, headline figures and questions of the cookbook by words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from warehouse.read.assistant.catalogue import SCHEMAS, Catalogue
from warehouse.read.tables import first_sentence
from warehouse.release.site.pages.figures import headline_figures
from warehouse.release.site.tables import Tables
from warehouse.settings import find_docs

_SHOWN = {"tables": 6, "questions": 4, "figures": 4, "columns": 6}
_WEIGHT_OF_TITLE = 3
_PREFERRED = {schema: 1.3 - 0.15 * at for at, schema in enumerate(SCHEMAS)}
_NO_WORDS = frozenset(
    {"a", "an", "and", "are", "at", "be", "by", "for", "from", "has", "how", "in", "is", "it", "its", "many", "much"}
    | {"of", "on", "or", "that", "the", "this", "to", "was", "what", "when", "which", "who", "with"}
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """Something to find: its kind, the words of its title and text, and what is shown of it."""

    kind: str
    title: frozenset[str]
    text: frozenset[str]
    shown: dict[str, Any]
    weight: float = 1.0


@dataclass(frozen=True)
class Index:
    """What a release offers to find."""

    version: str
    entries: Sequence[_Entry] = field(repr=False)

    @cached_property
    def _rarity(self) -> dict[str, float]:
        """How much a word says: one that few entries have says more."""
        counts = Counter(word for entry in self.entries for word in entry.title | entry.text)
        return {word: math.log(1 + len(self.entries) / count) for word, count in counts.items()}

    def find(self, text: str) -> dict[str, list[dict[str, Any]]]:
        """The best entries of each kind for some words; no entry that has none of them."""
        wanted = _words(text)
        scored = sorted(((self._score(entry, wanted), at) for at, entry in enumerate(self.entries)), reverse=True)
        found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _SHOWN}
        for score, at in scored:
            entry = self.entries[at]
            if score > 0 and len(found[entry.kind]) < _SHOWN[entry.kind]:
                found[entry.kind].append(entry.shown)
        return found

    def _score(self, entry: _Entry, wanted: frozenset[str]) -> float:
        in_title = sum(self._rarity.get(word, 0) for word in wanted & entry.title)
        in_text = sum(self._rarity.get(word, 0) for word in wanted & entry.text)
        return entry.weight * (_WEIGHT_OF_TITLE * in_title + in_text)


def read_index(catalogue: Catalogue, database: Path) -> Index:
    """Index a release and the cookbook of this version of the code."""
    return Index(catalogue.version, [*_tables(catalogue), *_columns(catalogue), *_questions(), *_figures(database)])


def _tables(catalogue: Catalogue) -> Iterable[_Entry]:
    for name, table in catalogue.tables.items():
        text = _words(f"{table.about} {' '.join(table.columns)}")
        shown = {"table": name, "about": first_sentence(table.about)}
        yield _Entry("tables", _words(name), text, shown, _PREFERRED[name.partition(".")[0]])


def _columns(catalogue: Catalogue) -> Iterable[_Entry]:
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for name, table in catalogue.tables.items():
        for column, about in table.columns.items():
            shown = seen.setdefault((column, about), {"column": column, "about": about, "tables": []})
            shown["tables"].append(name)
    for (column, about), shown in seen.items():
        yield _Entry("columns", _words(column), _words(about), shown | {"tables": shown["tables"][:4]})


def _questions() -> Iterable[_Entry]:
    page = find_docs() / "cookbook.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        queries = re.findall(r"```sql\n(.*?)```", rest, re.DOTALL)
        if queries:
            shown = {"question": title, "sql": queries[0].strip()}
            yield _Entry("questions", _words(title), _words(rest), shown)


def _figures(database: Path) -> Iterable[_Entry]:
    with Tables(database) as tables:
        for figure in headline_figures(tables):
            shown = {
                "figure": figure.title,
                "value": figure.written,
                "period": figure.period,
                "certainty": figure.certainty.text,
                "note": figure.note,
                "from": f"{figure.cell.table}.{figure.cell.column}",
                "key": dict(figure.cell.key),
                "page": f"site/{figure.path}",
                "sources": list(figure.sources),
            }
            yield _Entry("figures", _words(figure.title), _words(f"{figure.note} {figure.topic}"), shown)


def _words(text: str) -> frozenset[str]:
    """Words in lower case, without endings of the plural, and without words that say nothing."""
    found = re.findall(r"[a-z0-9]+", text.lower().replace("’", "'").replace("'s", ""))
    return frozenset(
        word[:-1] if len(word) > 3 and word.endswith("s") else word for word in found if word not in _NO_WORDS
    )
