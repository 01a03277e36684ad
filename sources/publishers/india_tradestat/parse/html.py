"""A page of the portal as text: its tables cell by cell, and the words around them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import lxml.etree
import lxml.html

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.model.paths import project_path
from sources.reading.cells import normalise

_SHOWN = 120
_MOST_BYTES = 20_000_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_TAG_END = re.compile(r">|=\s*[\"']")
_RAW_END = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in ("script", "style")}
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_CLASSES = {"d-none", "hidden", "hide", "sr-only", "visually-hidden"}


@dataclass(frozen=True, slots=True)
class Row:
    """One printed row of a table: its place on the page from 1, and its cells, one that spans columns repeated.

    `spanned` are the positions of such cells. A cell's text is what a reader sees of it, its parts joined by spaces, so
    that a line break or a superscript never joins two figures to one.
    """

    place: int
    cells: tuple[str, ...]
    spanned: frozenset[int]

    @property
    def is_note(self) -> bool:
        """Whether the row is one cell over the whole width: a note, never a row of figures."""
        return len(self.cells) == 1 or (len(self.spanned) == len(self.cells) and len(set(self.cells)) == 1)


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
        LayoutError: no text in UTF-8, no HTML at all, tags nested too deep, or more than 20 MB.
        TruncatedError: nothing, or a tag, comment or table that is opened and not closed.
    """
    text = _text(artifact)
    parser = lxml.html.HTMLParser()
    try:
        document = lxml.html.document_fromstring(text, parser=parser)
    except (ValueError, lxml.etree.LxmlError) as error:
        raise _no_page(artifact, error) from error
    fatal = [entry.message for entry in parser.error_log if entry.level_name == "FATAL"]
    if fatal:
        raise _no_page(artifact, fatal[0])
    _require_closed(artifact, text)
    lxml.etree.strip_elements(document, "script", "style", lxml.etree.Comment, with_tail=False)
    start = " ".join(_pieces(document))[:_SHOWN]
    actions = tuple(str(form.get("action", "")) for form in document.iter("form"))
    for form in [form for form in document.iter("form") if form.find(".//table") is None]:
        form.tag = "asked"
    lxml.etree.strip_elements(document, "asked", "select", "datalist", "button", with_tail=False)
    return Page(tables=_tables(artifact, document), pieces=_pieces(document), actions=actions, start=start)


def _text(artifact: Artifact) -> str:
    data = artifact.read_bytes()
    if not data.strip():
        raise TruncatedError(artifact, "is empty.", "fetch the page again.")
    if len(data) > _MOST_BYTES:
        raise LayoutError(
            artifact, f"has {len(data):,} bytes; a page has at most {_MOST_BYTES:,}.", "look at it by hand."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_page(artifact, error) from error
    if "\0" in text:
        raise _no_page(artifact, "it holds zero bytes")
    return text


def _no_page(artifact: Artifact, why: object) -> LayoutError:
    return LayoutError(artifact, f"is no HTML page in UTF-8 ({why}).", "save the page itself, as the portal sends it.")


def _require_closed(artifact: Artifact, text: str) -> None:
    """Every table that a tag opens is closed; what comments, scripts and styles say of tables does not count."""
    at, open_tables = 0, 0
    while (at := text.find("<", at)) >= 0:
        tag = _TAG.match(text, at)
        if text.startswith("<!--", at):
            at = _after(text, "-->", at + 2)
        elif tag is None:
            at += 1
        else:
            closes, name = bool(tag[1]), tag[2].lower()
            open_tables += 0 if name != "table" else -1 if closes else 1
            at = _end_of_tag(text, tag.end())
            if at >= 0 and not closes and name in _RAW_END:
                end = _RAW_END[name].search(text, at)
                at = end.start() if end else -1
        if at < 0:
            raise TruncatedError(
                artifact, "ends inside a tag, a comment or a script.", "the page is cut short; fetch it again."
            )
    if open_tables:
        raise TruncatedError(
            artifact, "opens a table that it does not close.", "the page is cut short; fetch it again."
        )


def _end_of_tag(text: str, at: int) -> int:
    """The place behind a tag's closing bracket, which is none inside a quoted attribute; -1 where it has none."""
    while (found := _TAG_END.search(text, at)) and found[0] != ">":
        at = _after(text, found[0][-1], found.end())
        if at < 0:
            return -1
    return found.end() if found else -1


def _after(text: str, mark: str, at: int) -> int:
    found = text.find(mark, at)
    return found + len(mark) if found >= 0 else -1


def _pieces(element: lxml.html.HtmlElement) -> tuple[str, ...]:
    return tuple(piece for piece in (_plain(str(part)) for part in element.itertext()) if piece)


def _tables(artifact: Artifact, document: lxml.html.HtmlElement) -> tuple[tuple[Row, ...], ...]:
    """The rows of every table, those of a table inside another only once."""
    tables: list[tuple[Row, ...]] = []
    place = 0
    for table in document.iter("table"):
        rows = []
        for tr in table.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr"):
            place += 1
            rows.append(_row(artifact, place, tr))
        tables.append(tuple(rows))
    return tuple(tables)


def _row(artifact: Artifact, place: int, tr: lxml.html.HtmlElement) -> Row:
    cells: list[str] = []
    spanned: set[int] = set()
    for cell in tr.iterchildren("td", "th"):
        across, down = str(cell.get("colspan", "1")), str(cell.get("rowspan", "1"))
        if down != "1" or not re.fullmatch("[1-9][0-9]{0,2}", across) or int(across) > _SHOWN:
            raise LayoutError(
                artifact,
                f"row {place} has a cell that spans {down} rows and {across} columns.",
                f"teach {project_path(__file__)} what such a cell means.",
            )
        if across != "1":
            spanned |= set(range(len(cells), len(cells) + int(across)))
        text = _printed(cell)
        cells += [f"(hidden) {text}" if _is_hidden(tr) or _is_hidden(cell) else text] * int(across)
    return Row(place, tuple(cells), frozenset(spanned))


def _printed(cell: lxml.html.HtmlElement) -> str:
    """The parts of a cell that a reader sees, joined by spaces: "1,100 2" of "1,100<br>2", which is no number."""
    for part in [part for part in cell.iterdescendants() if _is_hidden(part)]:
        part.drop_tree()
    return normalise(" ".join(_pieces(cell)))


def _is_hidden(element: lxml.html.HtmlElement) -> bool:
    return (
        "hidden" in element.attrib
        or _HIDDEN_STYLE.search(str(element.get("style", ""))) is not None
        or bool(_HIDDEN_CLASSES.intersection(str(element.get("class", "")).split()))
    )


def _plain(text: str) -> str:
    return normalise(text.replace("&nbsp;", " "))
