"""The project's documentation as pages of the site: Markdown, rendered when the site is built."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from warehouse.release.site.page import Page
from warehouse.settings import find_docs

_REPOSITORY_FILES = re.compile(r"^(?:\.\./)+")
_ORDER = (
    "cookbook",
    "facts",
    "bi-views",
    "assistants",
    "bi",
    "methods",
    "reconciliation",
    "contract",
    "sources",
    "quality",
    "validation",
    "snapshot",
    "live",
    "operations",
    "architecture",
    "rules",
    "releasing",
)
_LARGE = 1_000
"""Lines from which a document's own headings of the third level stay out of its table of contents."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a document with its anchor."""

    level: int
    text: str
    anchor: str


def documents() -> list[Page]:
    """Every page of `docs/`, and their index; none where the documentation is not installed."""
    folder = find_docs()
    if not folder.is_dir():
        return []
    files = sorted(folder.rglob("*.md"))
    return [_page(folder, file) for file in files]


def _page(folder: Path, file: Path) -> Page:
    text = file.read_text(encoding="utf-8")
    name = file.relative_to(folder).with_suffix("").as_posix()
    html, headings = _rendered(text, folder, file)
    title = next((heading.text for heading in headings if heading.level == 1), name)
    least = 2 if text.count("\n") > _LARGE else 3
    return Page(
        path=f"docs/{name}.html",
        title=title,
        lead=_first_sentence(text),
        template="document.html.j2",
        content={
            "html": Markup(html),  # noqa: S704 - the project's own Markdown, rendered with HTML switched off
            "headings": [heading for heading in headings if 1 < heading.level <= least],
            "others": _others(folder),
            "name": name,
        },
        search_text=_plain(text),
    )


def _others(folder: Path) -> Sequence[tuple[str, str]]:
    names = [name for name in _ORDER if (folder / f"{name}.md").is_file()]
    return [(f"docs/{name}.html", _title(folder / f"{name}.md")) for name in names]


def _title(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        return next(lines).removeprefix("# ").strip()


def _rendered(text: str, folder: Path, file: Path) -> tuple[str, list[Heading]]:
    """The document as HTML, with anchors as GitHub makes them, and its headings."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    headings: list[Heading] = []
    seen: dict[str, int] = {}
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            words = _words(tokens[at + 1])
            anchor = _anchor(words, seen)
            token.attrSet("id", anchor)
            headings.append(Heading(int(token.tag[1]), words, anchor))
        for child, inside in pairwise(token.children or ()):
            if child.type == "link_open":
                _point(child, folder, file)
                inside.content = inside.content.removesuffix(".md")
    html = str(markdown.renderer.render(tokens, markdown.options, {}))
    html = html.replace("<table>", '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>')
    html = html.replace("</table>", "</table></div>").replace("<pre>", '<pre tabindex="0">')
    return html.replace("<th>", '<th scope="col">'), headings


def _words(inline: Token) -> str:
    return "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))


def _anchor(words: str, seen: dict[str, int]) -> str:
    base = re.sub(r"[^\w\- ]", "", words.lower()).strip().replace(" ", "-")
    seen[base] = seen.get(base, -1) + 1
    return f"{base}-{seen[base]}" if seen[base] else base


def _point(link: Token, folder: Path, file: Path) -> None:
    """Point a link at the page of this site; what is no page of it becomes plain text."""
    target = str(link.attrGet("href") or "")
    if target.startswith("#"):
        return
    if re.match(r"[a-z]+:", target):
        link.attrSet("rel", "external")
        return
    path, _, anchor = target.partition("#")
    aimed = (file.parent / path).resolve()
    if aimed.suffix == ".md" and aimed.is_relative_to(folder.resolve()) and aimed.is_file():
        link.attrSet("href", path.removesuffix(".md") + ".html" + (f"#{anchor}" if anchor else ""))
    else:
        link.attrs = {"class": "muted", "title": f"In the source tree: {_REPOSITORY_FILES.sub('', path)}"}


def _first_sentence(text: str) -> str:
    paragraph = next((part for part in text.split("\n\n")[1:] if part and part[0] not in "#|`-*<"), "")
    plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", paragraph.replace("\n", " "))
    return re.sub(r"[`*]", "", plain).split(". ")[0].rstrip(".:") + "."


def _plain(text: str) -> str:
    return re.sub(r"[#|`*]+|\]\([^)]*\)|\[|-{3,}", " ", text)
