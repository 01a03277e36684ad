"""Parts of a topic page: a section of charts, text, a table or a list, and a figure of its summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.release.site.chart import Chart
from warehouse.release.site.tables import Cell, Selection


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of a dated list."""

    when: str
    title: str
    text: str = ""
    url: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a topic page, in the order text, charts, table, entries."""

    heading: str | None = None
    text: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    is_grid: bool = False
    table: Selection | None = None
    table_class: str = ""
    entries: Sequence[Entry] = ()
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure of the summary at the top of a page, with what it is."""

    cell: Cell | None
    form: str
    text: str
