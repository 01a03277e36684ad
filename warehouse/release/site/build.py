"""Builds the static site of a release from its database file alone."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from warehouse.release.site import wording
from warehouse.release.site.chart import Chart, csv_text
from warehouse.release.site.charts.canvas import Drawing, rendering
from warehouse.release.site.documents import documents
from warehouse.release.site.page import NAVIGATION, Page
from warehouse.release.site.pages import (
    chain,
    corridor,
    coverage,
    dictionary,
    events,
    explorer,
    figures,
    home,
    india,
    magnets,
    prices,
    processing,
    production,
    reconciliation,
    revisions,
)
from warehouse.release.site.palette import css
from warehouse.release.site.search import search_index
from warehouse.release.site.tables import Tables

_HERE = Path(__file__).parent


@dataclass(slots=True)
class _Drawn:
    """Charts already rendered, by slug: a chart on two pages is drawn once.

    `earlier` are those of the last site by the key of what they were made from; `used` are those of this one.
    """

    earlier: dict[str, str] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    svgs: dict[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, chart: Chart) -> tuple[str, str]:
        if chart.slug not in self.svgs:
            self.svgs[chart.slug] = (self._svg(chart.drawing, narrow=False), self._svg(chart.drawing, narrow=True))
        return self.svgs[chart.slug]

    def _svg(self, drawing: Drawing, *, narrow: bool) -> str:
        made = rendering(drawing, narrow=narrow)
        key = made.key
        self.used[key] = self.earlier.get(key) or made.svg()
        return self.used[key]

    def keep(self, file: Path | None) -> None:
        """Leave the charts of this site for the next one, which draws them again where that cannot be done."""
        with contextlib.suppress(OSError):
            if file is not None:
                file.write_text(json.dumps(self.used), encoding="utf-8")

    @classmethod
    def kept(cls, file: Path | None) -> _Drawn:
        """Start from the charts that the last site left in a file; without a file that can be read, from none."""
        with contextlib.suppress(OSError, ValueError):
            return cls(earlier=json.loads(file.read_text(encoding="utf-8")) if file else {})
        return cls()


def build_site(database: Path, folder: Path, charts: Path | None = None) -> int:
    """Write the site of a release's database into a folder that is made again; return how many pages it has.

    Pages need no server and request nothing from elsewhere. Links lead to the other files of the release, one folder
    up. About forty charts are drawn twice each, which takes some ten seconds; those whose figures stayed are taken from
    the file `charts`, where the last site left them.
    """
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "csv").mkdir(parents=True)
    with Tables(database) as tables:
        pages = _pages(tables, folder)
        drawn = _Drawn.kept(charts)
        environment = _environment(tables, drawn)
        for page in pages:
            _write_page(page, environment, folder)
            _write_csv(list(page.charts()), folder / "csv")
    shutil.copytree(_HERE / "static", folder / "assets")
    (folder / "assets" / "colours.css").write_text(css(), encoding="utf-8")
    (folder / "assets" / "search-index.js").write_text(search_index(pages), encoding="utf-8")
    drawn.keep(charts)
    return len(pages)


def _pages(tables: Tables, folder: Path) -> list[Page]:
    headline = figures.headline_figures(tables)
    return [
        home.page(tables, headline),
        chain.page(tables, headline),
        *(topic.page(tables) for topic in (corridor, magnets, india, production, processing, prices)),
        *(topic.page(tables) for topic in (revisions, reconciliation, events, coverage)),
        *figures.pages(tables, headline),
        explorer.page(tables, folder),
        dictionary.page(tables),
        *documents(),
    ]


def _environment(tables: Tables, drawn: _Drawn) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "data": wording.data,
        "shown": lambda value, column: wording.shown(column, value),
        "machine": wording.machine,
        "day": wording.day,
        "phrase": wording.phrase,
        "number": wording.number,
        "listing": wording.listing,
        "source": tables.source_name,
        "file_of": tables.file_of,
        "code": wording.html_words,
    }
    environment.globals |= {
        "navigation": NAVIGATION,
        "release": tables.release,
        "sources": tables.sources,
        "svgs": drawn.of,
    }
    return environment


def _write_page(page: Page, environment: Environment, folder: Path) -> None:
    context: dict[str, Any] = dict(page.content) | {"page": page, "root": page.root}
    target = folder / page.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(environment.get_template(page.template).render(context), encoding="utf-8")


def _write_csv(charts: Sequence[Chart], folder: Path) -> None:
    for chart in charts:
        for name, selection in chart.files().items():
            (folder / name).write_text(csv_text(selection), encoding="utf-8")
