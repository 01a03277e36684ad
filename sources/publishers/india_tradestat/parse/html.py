"""A page of the portal as text: its tables cell by cell, and the words around them."""

from __future__ import annotations

from dataclasses import dataclass

import lxml.etree
import lxml.html

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.model.paths import project_path
from sources.reading.cells import normalise

_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Row:
    """One printed row of a table: its place on the page from 1, and its cells, a spanned one repeated."""

    place: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The tables of a page in their order, its pieces of text, and where its forms lead.

    `pieces` are without scripts and without what a form offers: the units and countries to choose from say nothing of
    the figures. `start` is how the page begins, forms included.
    """

    tables: tuple[tuple[Row, ...], ...]
    pieces: tuple[str, ...]
    actions: tuple[str, ...]
    start: str

    @property
    def text(self) -> str:
        """All words of the page in their order."""
        return " ".join(self.pieces)

    def after(self, words: str) -> str | None:
        """The text after `words`, in the same piece of text or in the next one."""
        for at, piece in enumerate(self.pieces):
            if piece.startswith(words):
                rest = piece.removeprefix(words).strip()
                return rest or next(iter(self.pieces[at + 1 :]), None)
        return None

    def found(self) -> str:
        """A short account of the page, for an error."""
        heads = [" | ".join(table[0].cells) for table in self.tables if table]
        shown = f"tables that begin {heads}" if heads else "no table"
        return f"{shown}; its text begins {self.start!r}"


def read_page(artifact: Artifact) -> Page:
    """Read the page.

    Raises:
        LayoutError: no text in UTF-8, or no HTML at all.
        TruncatedError: nothing, or a table that is opened and not closed.
    """
    data = artifact.read_bytes()
    if not data.strip():
        raise TruncatedError(artifact, "is empty.", "fetch the page again.")
    try:
        text = data.decode("utf-8-sig")
        document = lxml.html.document_fromstring(text)
    except (UnicodeDecodeError, ValueError, lxml.etree.LxmlError) as error:
        raise LayoutError(
            artifact, f"is no HTML page in UTF-8 ({error}).", "save the page itself, as the portal sends it."
        ) from error
    lower = text.lower()
    if lower.count("<table") != lower.count("</table"):
        raise TruncatedError(
            artifact, "opens a table that it does not close.", "the page is cut short; fetch it again."
        )
    lxml.etree.strip_elements(document, "script", "style", lxml.etree.Comment, with_tail=False)
    start = " ".join(_pieces(document))[:_SHOWN]
    actions = tuple(str(form.get("action", "")) for form in document.iter("form"))
    for form in [form for form in document.iter("form") if form.find(".//table") is None]:
        form.tag = "asked"
    lxml.etree.strip_elements(document, "asked", "select", "datalist", "button", with_tail=False)
    return Page(tables=_tables(artifact, document), pieces=_pieces(document), actions=actions, start=start)


def _pieces(document: lxml.html.HtmlElement) -> tuple[str, ...]:
    return tuple(piece for piece in (_plain(str(part)) for part in document.itertext()) if piece)


def _tables(artifact: Artifact, document: lxml.html.HtmlElement) -> tuple[tuple[Row, ...], ...]:
    """The rows of every table, those of a table inside another only once."""
    tables: list[tuple[Row, ...]] = []
    place = 0
    for table in document.iter("table"):
        rows = []
        for tr in table.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr"):
            place += 1
            rows.append(Row(place, _cells(artifact, place, tr)))
        tables.append(tuple(rows))
    return tuple(tables)


def _cells(artifact: Artifact, place: int, tr: lxml.html.HtmlElement) -> tuple[str, ...]:
    cells: list[str] = []
    for cell in tr.iterchildren("td", "th"):
        across, down = str(cell.get("colspan", "1")), str(cell.get("rowspan", "1"))
        if down != "1" or not across.isdigit() or int(across) > _SHOWN:
            raise LayoutError(
                artifact,
                f"row {place} has a cell that spans {down} rows and {across} columns.",
                f"teach {project_path(__file__)} what such a cell means.",
            )
        cells += [_plain(cell.text_content())] * int(across)
    return tuple(cells)


def _plain(text: str) -> str:
    return normalise(text.replace("&nbsp;", " "))
