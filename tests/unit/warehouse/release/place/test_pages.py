"""The feed and the front page of a place."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from warehouse.release.place.pages import feed, front_page

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def latest(address: str = "https://data.example.org/ree", site: str | None = "releases/2/site/index.html") -> dict:
    newest = {"version": "2", "built_at": "2026-11-02T00:00:00+00:00", "summary": "A < B & 1 revised.", "site": site}
    oldest = {"version": "1", "built_at": "2026-11-01T00:00:00+00:00", "summary": "First.", "site": None}
    return newest | {
        "name": "rare-earth-warehouse", "address": address, "database": "releases/2/rare_earths.duckdb",
        "data_package": "releases/2/datapackage.json", "release_notes": "releases/2/CHANGES.md",
        "changes": "releases/2/changes.json", "releases": [newest, oldest],
    }  # fmt: skip


def parsed(of: dict) -> ET.Element:
    return ET.fromstring(feed(of))  # noqa: S314 - our own text


def test_the_feed_has_what_atom_requires_and_an_entry_for_each_release() -> None:
    root = parsed(latest())
    for element in (root, *root.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert element.findtext(f"a:{name}", namespaces=ATOM)
    assert root.findtext("a:author/a:name", namespaces=ATOM)
    assert root.findtext("a:updated", namespaces=ATOM) == "2026-11-02T00:00:00+00:00"
    entries = root.findall("a:entry", ATOM)
    assert [entry.findtext("a:title", namespaces=ATOM) for entry in entries] == ["Release 2", "Release 1"]
    assert entries[0].findtext("a:summary", namespaces=ATOM) == "A < B & 1 revised."
    links = [link.attrib["href"] for link in root.iter("{http://www.w3.org/2005/Atom}link")]
    assert all(link.startswith("https://data.example.org/ree/") for link in links)
    assert "https://data.example.org/ree/releases/1/CHANGES.md" in links, "a release without a site"


def test_ids_are_the_same_in_every_feed_of_a_place_and_differ_between_places() -> None:
    def ids(address: str) -> list[str | None]:
        return [found.text for found in parsed(latest(address)).iter(f"{{{ATOM['a']}}}id")]

    assert ids("https://a.example") == ids("https://a.example")
    assert len({*ids("https://a.example"), *ids("https://b.example")}) == 6


def test_without_a_public_address_links_are_relative() -> None:
    links = [link.attrib["href"] for link in parsed(latest("/srv/www")).iter(f"{{{ATOM['a']}}}link")]
    assert not any(link.startswith(("/", "http")) for link in links)


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_front_page_leads_to_the_newest_site_by_a_relative_address() -> None:
    page = front_page(latest()).decode()
    refresh = [about for tag, about in Tags(page).found if tag == "meta" and about.get("http-equiv") == "refresh"]
    assert refresh == [{"http-equiv": "refresh", "content": "0; url=releases/2/site/index.html"}]
    assert "A &lt; B &amp; 1 revised." in page
    links = [about["href"] or "" for tag, about in Tags(page).found if tag == "a"]
    assert links
    assert not any(link.startswith(("/", "http")) for link in links)


def test_a_release_without_a_site_has_a_front_page_that_stays() -> None:
    assert "refresh" not in front_page(latest(site=None)).decode()
