"""The site of a release, read without a browser: links, figures, charts and what a screen reader finds."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
import vl_convert

from warehouse.release.publish import publish
from warehouse.release.site.build import build_site
from warehouse.release.site.fault import site_fault
from warehouse.release.site.palette import DARK, LIGHT, TEXT, contrast
from warehouse.release.site.tables import Tables
from warehouse.release.store import database

VOID = {"meta", "link", "br", "input", "img", "hr", "path", "line", "rect", "circle", "use"}
MOST_BYTES = 12_000_000


@dataclass
class Node:
    """An element with its attributes, parents and text."""

    tag: str
    attributes: dict[str, str]
    parent: Node | None
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def above(self, name: str) -> str | None:
        """An attribute of the element or of the nearest one above that has it."""
        node: Node | None = self
        while node:
            if name in node.attributes:
                return node.attributes[name]
            node = node.parent
        return None

    def all(self, tag: str | None = None) -> Iterator[Node]:
        for child in self.children:
            if tag in (None, child.tag):
                yield child
            yield from child.all(tag)

    @property
    def words(self) -> str:
        return self.text + "".join(child.words for child in self.children)


class Reader(HTMLParser):
    """Reads a page into nodes; notes what is not closed, and ids that occur twice."""

    def __init__(self) -> None:
        super().__init__()
        self.top = self.at = Node("", {}, None)
        self.problems: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(node)
        if (name := node.attributes.get("id")) is not None:
            if name in self.ids:
                self.problems.append(f"two elements have the id {name}")
            self.ids.add(name)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.at))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self.at.tag != tag:
            self.problems.append(f"</{tag}> closes <{self.at.tag}>")
            return
        self.at = self.at.parent or self.top

    def handle_data(self, data: str) -> None:
        self.at.text += data


@dataclass
class PageOnDisk:
    name: str
    file: Path
    html: str
    top: Node
    ids: set[str]
    problems: list[str]


def read(file: Path, site: Path) -> PageOnDisk:
    html = file.read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(html)
    return PageOnDisk(file.relative_to(site).as_posix(), file, html, reader.top, reader.ids, reader.problems)


@pytest.fixture(scope="module")
def site(warehouse) -> Path:
    return warehouse.published.resolve() / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> list[PageOnDisk]:
    return [read(file, site) for file in sorted(site.rglob("*.html"))]


def test_the_release_has_its_site_and_no_page_of_fault(site: Path, pages: list[PageOnDisk]) -> None:
    assert site_fault(site.parent) is None, "the site could not be built: see the log of the build"
    names = {page.name for page in pages}
    wanted = {"index", "chain", "corridor", "magnets", "india", "production", "processing", "prices", "revisions"}
    wanted |= {"reconciliation", "events", "coverage", "explorer", "dictionary", "figures/index", "docs/index"}
    assert {f"{name}.html" for name in wanted} <= names
    assert len([name for name in names if name.startswith("figures/")]) >= 25
    assert sum(file.stat().st_size for file in site.rglob("*") if file.is_file()) < MOST_BYTES


def test_every_page_is_closed_titled_and_has_one_heading_and_a_language(pages: list[PageOnDisk]) -> None:
    problems = []
    for page in pages:
        problems += [f"{page.name}: {problem}" for problem in page.problems]
        if not page.html.startswith("<!doctype html>") or next(page.top.all("html")).attributes.get("lang") != "en":
            problems.append(f"{page.name}: no doctype or no language")
        if len(list(page.top.all("h1"))) != 1 or len(list(page.top.all("main"))) != 1:
            problems.append(f"{page.name}: not one h1 and one main")
        if not next(page.top.all("title")).words.strip():
            problems.append(f"{page.name}: no title")
        levels = [int(node.tag[1]) for node in page.top.all() if re.fullmatch(r"h[1-6]", node.tag)]
        if not page.name.startswith("docs/"):
            problems += [f"{page.name}: h{b} after h{a}" for a, b in itertools.pairwise(levels) if b > a + 1]
        labelled = {node.attributes.get("for") for node in page.top.all("label")}
        problems += [
            f"{page.name}: a field without a label"
            for node in page.top.all()
            if node.tag in ("input", "select") and node.attributes.get("id") not in labelled
        ]
    assert problems == []


def test_every_link_leads_to_a_file_of_the_release_and_an_anchor_that_exists(
    site: Path, pages: list[PageOnDisk]
) -> None:
    ids = {page.file: page.ids for page in pages}
    broken = []
    for page in pages:
        for node in page.top.all():
            for name in ("href", "src"):
                target = node.attributes.get(name, "")
                if not target or re.match(r"(https?|mailto):", target):
                    continue
                path, _, anchor = target.partition("#")
                file = (page.file.parent / path).resolve() if path else page.file
                if not file.exists() or (anchor and file in ids and anchor not in ids[file]):
                    broken.append(f"{page.name}: {target}")
    assert broken == []


def test_nothing_is_requested_from_elsewhere(site: Path, pages: list[PageOnDisk]) -> None:
    found = []
    for page in pages:
        for node in page.top.all():
            for name, value in node.attributes.items():
                is_citation = node.tag == "a" and name == "href"
                if re.match(r"(https?:)?//", value) and not is_citation:
                    found.append(f"{page.name}: {node.tag} {name}={value}")
    for file in [*site.rglob("*.css"), *site.glob("assets/*.js")]:
        if file.name != "search-index.js":
            text = file.read_text(encoding="utf-8")
            found += [
                f"{file.name}: {word}" for word in re.findall(r"url\(|@import|fetch\(|XMLHttpRequest|https?://", text)
            ]
    assert found == []


def test_every_chart_has_marks_a_text_alternative_sources_a_csv_and_its_figures(
    site: Path, pages: list[PageOnDisk]
) -> None:
    problems, n_charts = [], 0
    for page in pages:
        for figure in page.top.all("figure"):
            n_charts += 1
            name = f"{page.name}#{figure.attributes['id']}"
            plot = next(node for node in figure.all("div") if node.attributes.get("role") == "img")
            drawings = list(plot.all("svg"))
            if len(drawings) != 2 or not all(any("data-tip" in n.attributes for n in d.all()) for d in drawings):
                problems.append(f"{name}: not two drawings with marks")
            title = next(node for node in figure.all() if node.tag in ("h2", "h3")).words.strip()
            if title not in plot.attributes["aria-label"] or len(title) < 10:
                problems.append(f"{name}: no text alternative")
            if re.search(r"\bNone\b|\bnan\b|not held not held|  ", title):
                problems.append(f"{name}: odd title {title!r}")
            source = next(node for node in figure.all("p") if node.attributes.get("class") == "source")
            if not any(link.attributes.get("rel") == "external" for link in source.all("a")):
                problems.append(f"{name}: no source")
            files = [node.attributes["href"] for node in figure.all("a") if "download" in node.attributes]
            rows = [list(csv.reader((page.file.parent / file).open(encoding="utf-8"))) for file in files]
            if not rows or min(len(lines) for lines in rows) < 2:
                problems.append(f"{name}: no CSV with rows")
            if not list(figure.all("table")):
                problems.append(f"{name}: no table")
    assert problems == []
    assert n_charts > 50


def shown_figures(pages: list[PageOnDisk]) -> Iterator[tuple[str, str, str, dict[str, str], str]]:
    """Page, table, column, key and value of every figure that is marked up as data."""
    for page in pages:
        for node in page.top.all("data"):
            table, column, key = (node.above(f"data-{name}") for name in ("table", "column", "key"))
            assert table, f"{page.name}: a figure without a table: {node.words}"
            assert column, f"{page.name}: a figure without a column: {node.words}"
            assert key, f"{page.name}: a figure without a key: {node.words}"
            yield page.name, table, column, json.loads(key), node.attributes["value"]


def differing(
    con: duckdb.DuckDBPyConnection, figures: Iterator[tuple[str, str, str, dict[str, str], str]]
) -> list[str]:
    """The figures that differ from the one row of their table with that key."""
    asked: dict[str, list[tuple[str, str, dict[str, str], str]]] = defaultdict(list)
    for page, table, column, key, value in figures:
        asked[table].append((page, column, key, value))
    wrong = []
    with_tables = Tables.__new__(Tables)
    with_tables._con = con
    with_tables._columns = with_tables._published_columns()
    with_tables._keys = with_tables._published_keys()
    for table, all_asked in asked.items():
        key_columns = with_tables.key(table)
        columns = sorted({column for _, column, _, _ in all_asked})
        rows = con.execute(
            f"select {', '.join(f'{name}::varchar' for name in key_columns)}, {', '.join(columns)} from {table}"
        ).fetchall()
        by_key = defaultdict(list)
        for row in rows:
            by_key[row[: len(key_columns)]].append(dict(zip(columns, row[len(key_columns) :], strict=True)))
        for page, column, key, value in all_asked:
            found = by_key[tuple(key.get(name) for name in key_columns)]
            if len(found) != 1 or found[0][column] is None or float(found[0][column]) != float(value):
                wrong.append(f"{page}: {table}.{column} {key}: {value} is not {[row[column] for row in found]}")
    return wrong


def test_every_figure_on_a_page_is_the_tables_own(
    published: duckdb.DuckDBPyConnection, pages: list[PageOnDisk]
) -> None:
    figures = list(shown_figures(pages))
    assert len(figures) > 3_000
    assert len({table for _, table, _, _, _ in figures}) > 20
    assert differing(published, iter(figures)) == []


def test_a_figure_that_is_not_the_tables_own_is_found(published: duckdb.DuckDBPyConnection) -> None:
    row = published.execute(
        "select fact_id, production_t_reo from core.fct_production where production_t_reo > 0 order by all limit 1"
    ).fetchone()
    assert row is not None
    key = {"fact_id": row[0]}
    right = ("page", "core.fct_production", "production_t_reo", key, repr(row[1]))
    assert differing(published, iter([right])) == []
    assert differing(published, iter([(*right[:4], repr(row[1] + 1))]))
    assert differing(published, iter([(*right[:3], {"fact_id": "none"}, right[4])]))


def test_the_first_page_says_who_says_it_when_and_how_sure(pages: list[PageOnDisk]) -> None:
    home = next(page for page in pages if page.name == "index.html")
    items = next(node for node in home.top.all("ul") if node.attributes.get("class") == "heroes").children
    figures = [item for item in items if item.tag == "li"]
    assert len(figures) == 5
    for item in figures:
        assert len(list(item.all("data"))) >= 1
        assert any(link.attributes["href"].startswith("figures/") for link in item.all("a"))
        assert any("sure" in node.attributes.get("class", "").split() for node in item.all("span"))
        assert re.search(r"(19|20)\d\d", item.words), "a period"


def test_text_reaches_the_contrast_of_aa_on_both_backgrounds_in_both_modes() -> None:
    weak = [
        f"{mode} {name} on {ground}"
        for mode, colours in (("light", LIGHT), ("dark", DARK))
        for name in TEXT
        for ground in ("bg", "surface")
        if contrast(colours[name], colours[ground]) < 4.5
    ]
    assert weak == []
    marks = ("china", "india", "reference", "third", "fourth", "other", "held")
    assert [n for colours in (LIGHT, DARK) for n in marks if contrast(colours[n], colours["bg"]) < 3] == []
    assert LIGHT.keys() == DARK.keys()


def test_a_release_with_few_figures_has_a_site_too(small, tmp_path: Path) -> None:
    """Charts without figures are left out; nothing is made up, and every page is there."""
    (tmp_path / "site").mkdir()
    count = build_site(database(small), tmp_path / "site")
    files = sorted((tmp_path / "site").rglob("*.html"))
    assert count == len(files)
    small_pages = [read(file, tmp_path / "site") for file in files]
    assert [problem for page in small_pages for problem in page.problems] == []
    with duckdb.connect(str(database(small)), read_only=True) as con:
        assert differing(con, shown_figures(small_pages)) == []


def test_charts_whose_figures_stayed_are_not_drawn_again(
    small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    charts = tmp_path / "charts.json"
    charts.write_text("cut off by a power c")
    build_site(database(small), tmp_path / "first", charts)
    kept = json.loads(charts.read_text())
    assert len(kept) > 10

    def drawn(spec: dict[str, Any], **options: Any) -> str:
        calls.append(spec)
        return vegalite_to_svg(spec, **options)

    calls: list[dict[str, Any]] = []
    vegalite_to_svg = vl_convert.vegalite_to_svg
    monkeypatch.setattr(vl_convert, "vegalite_to_svg", drawn)
    charts.write_text(json.dumps(dict([*kept.items()][1:]) | {"of figures that are no more": "<svg/>"}))
    build_site(database(small), tmp_path / "second", charts)
    assert len(calls) == 1
    assert json.loads(charts.read_text()) == kept
    for page in (tmp_path / "first").rglob("*.html"):
        assert page.read_bytes() == (tmp_path / "second" / page.relative_to(tmp_path / "first")).read_bytes()


def test_a_site_that_cannot_be_built_never_holds_back_figures_and_is_told(
    copy_of_small, candidate, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_database: Path, folder: Path, _charts: Path) -> int:
        folder.mkdir(exist_ok=True)
        (folder / "half.html").write_text("half", encoding="utf-8")
        msg = "no such column"
        raise LookupError(msg)

    monkeypatch.setattr("warehouse.release.publish.build_site", broken)
    build = candidate(copy_of_small, "update marts.mart_price set purity = 'other'")
    release, is_new, _ = publish(copy_of_small, build)
    assert is_new
    assert site_fault(release.folder) == "LookupError: no such column"
    assert "no such column" in (release.folder / "CHANGES.md").read_text(encoding="utf-8")
    left = {"index.html", "fault.txt", "llms.txt", "llms-full.txt"}
    assert {file.name for file in (release.folder / "site").iterdir()} == left
    assert any(record.levelname == "ERROR" and "site" in record.message for record in caplog.records)
    from warehouse.read.doctor import examine

    found = [finding for finding in examine(copy_of_small) if finding.what == "the release has a site"]
    assert [finding.state for finding in found] == ["wrong"]
