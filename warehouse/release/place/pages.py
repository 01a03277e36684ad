"""The feed of a place, and its front page, which leads to the newest release."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from warehouse.release.place.manifest import folder_of

_ATOM = "http://www.w3.org/2005/Atom"
_TITLE = "Rare earths between India and China: releases"


def feed(latest: Mapping[str, Any]) -> bytes:
    """An Atom feed with an entry for each listed release, newest first. Links are absolute where the address is public.

    Ids follow from the address of the place and the version, so that a reader knows an entry again.
    """
    ET.register_namespace("", _ATOM)
    address = latest["address"]
    root = ET.Element(f"{{{_ATOM}}}feed")
    _text(root, "id", _id(address))
    _text(root, "title", _TITLE)
    _text(root, "updated", max(release["built_at"] for release in latest["releases"]))
    _text(ET.SubElement(root, f"{{{_ATOM}}}author"), "name", latest["name"])
    _link(root, "self", _url(address, "feed.xml"), "application/atom+xml")
    _link(root, "alternate", _url(address, "index.html"), "text/html")
    for release in latest["releases"]:
        _entry(root, address, release)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _entry(root: ET.Element, address: str, release: Mapping[str, Any]) -> None:
    entry = ET.SubElement(root, f"{{{_ATOM}}}entry")
    folder = folder_of(release["version"])
    _text(entry, "id", _id(f"{address}/{folder}"))
    _text(entry, "title", f"Release {release['version']}")
    _text(entry, "updated", release["built_at"])
    _link(entry, "alternate", _url(address, release["site"] or f"{folder}CHANGES.md"), "text/html")
    _link(entry, "related", _url(address, f"{folder}changes.json"), "application/json")
    _text(entry, "summary", release["summary"])


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}{name}").text = text


def _link(parent: ET.Element, relation: str, address: str, media_type: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}link", {"rel": relation, "type": media_type, "href": address})


def _id(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, name).urn


def _url(address: str, path: str) -> str:
    """A web address of a file, or the file relative to the feed where the place has none."""
    return f"{address}/{path}" if address.startswith(("https://", "http://")) else path


def front_page(latest: Mapping[str, Any]) -> bytes:
    """`index.html`: leads to the site of the newest release, if it has one, and lists what else there is."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    page = environment.get_template("index.html.j2").render(
        latest, built=datetime.fromisoformat(latest["built_at"]).strftime("%Y-%m-%d %H:%M")
    )
    return page.encode() + b"\n"
