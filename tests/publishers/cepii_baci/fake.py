"""A fake CEPII: the page that lists archives, and archives of BACI made of the bundled snapshot's real flows."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from sources.registry import sources
from sources.snapshot import BUNDLED
from tests.fakes.server import Reply, Request

Flow = tuple[str, str, str, str, str, str]
COLUMNS = ("t", "i", "j", "k", "v", "q")
LIST = "/DATA_DOWNLOAD/baci/doc/baci_webpage.html"
CATALOGUE = "/CEPII/en/bdd_modele/bdd_modele_item.asp"
DATA = "/DATA_DOWNLOAD/baci/data/"
MAGNETS = "850511"
NOWHERE = ("697", "849")
_OTHER_GOODS = ("010121", "270900", "854231")


@cache
def _numbers(vocabulary: str) -> dict[str, str]:
    """BACI's number of each label of an extract, by way of the area both are of; the first of several."""
    with (sources()["cepii_baci"].package / "labels.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    numbers: dict[str, str] = {}
    for row in rows:
        if row["vocabulary"] == "numeric":
            numbers.setdefault(row["area_code"], row["label"])
    return {row["label"]: numbers[row["area_code"]] for row in rows if row["vocabulary"] == vocabulary}


def _records(file: str) -> list[dict[str, str]]:
    with (BUNDLED / "cepii_baci" / file).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


@cache
def flows_of(year: int) -> tuple[Flow, ...]:
    """A year's flows of magnets as BACI writes them: 2024 complete, of years before the largest.

    Those that the snapshot leaves out are one flow between two areas of no trade, so that a year adds up.
    """
    if year == 2024:
        number = _numbers("iso3")
        return tuple(
            (r["year"], number[r["exporter"]], number[r["importer"]], r["hs6"], r["value_kusd"], r["qty_t"] or "NA")
            for r in _records("baci_850511_2024.csv")
        )
    number = _numbers("iso2")
    largest = [
        (r["year"], number[r["exporter_iso2"]], number[r["importer_iso2"]], r["hs6"], f"{float(usd) / 1e3:.3f}", "NA")
        for r in _records("baci_850511_2002_2023_largest.csv")
        if r["year"] == str(year) and float(usd := r["value_usd"]) > 0
    ]
    (world,) = (
        float(r["world_usd"]) / 1e3
        for r in _records("baci_world_totals_2002_2024.csv")
        if (r["year"], r["hs6"]) == (str(year), MAGNETS)
    )
    smaller = world - sum(float(flow[4]) for flow in largest)
    return (*largest, (str(year), *NOWHERE, MAGNETS, f"{smaller:.3f}", "NA"))


@dataclass
class FakeBaci:
    """The state of CEPII: releases by name, each with the flows of its years.

    `link` makes a link of an archive's name; `sends_validators` is whether answers carry an ETag; `columns` are those
    of every yearly file; `lists` are the pages that list the archives.
    """

    years: tuple[int, ...] = (2022, 2023, 2024)
    revisions: tuple[str, ...] = ("HS17",)
    releases: dict[str, dict[int, list[Flow]]] = field(default_factory=dict)
    link: Callable[[str], str] = lambda name: f'<a href="../data/{name}">{name}</a>'
    sends_validators: bool = True
    columns: tuple[str, ...] = COLUMNS
    lists: tuple[str, ...] = (LIST,)
    damage: Callable[[bytes], bytes] = lambda data: data
    _archives: dict[str, bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not self.releases:
            self.publish("V202601")

    def publish(self, release: str) -> dict[int, list[Flow]]:
        """Name a release, with the flows of the one before it; returns them, to be changed."""
        before = self.releases[max(self.releases)] if self.releases else {year: flows_of(year) for year in self.years}
        self.releases[release] = {year: list(flows) for year, flows in before.items()}
        return self.releases[release]

    def revise(self, release: str, year: int, exporter: str, importer: str, value: str) -> None:
        """Change one flow's value, thousand US$."""
        flows = self.releases[release][year]
        at = next(at for at, flow in enumerate(flows) if flow[1:3] == (exporter, importer))
        flows[at] = (*flows[at][:4], value, flows[at][5])
        self._archives.clear()

    def drop(self, release: str, year: int, exporter: str, importer: str) -> None:
        """Leave one flow out."""
        flows = self.releases[release][year]
        self.releases[release][year] = [flow for flow in flows if flow[1:3] != (exporter, importer)]
        self._archives.clear()

    def __call__(self, request: Request) -> Reply:
        """Respond to one request."""
        if request.path.lower() in (LIST.lower(), CATALOGUE.lower()):
            lists = request.path.lower() in {path.lower() for path in self.lists}
            return Reply(self._page(lists=lists), "text/html; charset=iso-8859-1")
        name = request.path.rsplit("/", 1)[-1]
        if not request.path.startswith(DATA) or name not in self._names():
            return Reply(b"<html><body>404 - File or directory not found.</body></html>", "text/html", 404)
        body = self.archive(name)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}:0"'
        headers = {"ETag": etag, "Last-Modified": "Thu, 22 Jan 2026 10:00:00 GMT"} if self.sends_validators else {}
        if self.sends_validators and request.headers.get("if-none-match") == etag:
            return Reply(b"", status=304, headers=headers)
        return Reply(body, "application/x-zip-compressed", headers=headers)

    def _names(self) -> list[str]:
        return [f"BACI_{revision}_{release}.zip" for release in self.releases for revision in self.revisions]

    def _page(self, *, lists: bool) -> bytes:
        links = "".join(f"<li>{self.link(name)}</li>" for name in self._names()) if lists else ""
        text = (
            f'<!DOCTYPE html><html><body><h1>BACI – données</h1><section id="download-links"><ul>{links}</ul></section>'
        )
        more = f'<a href="{LIST}">See the BACI web page</a> <a href="product_codes.csv">product codes</a>'
        return (text + more + "</body></html>").encode("iso-8859-1", "replace")

    def archive(self, name: str) -> bytes:
        """The bytes of an archive: its years in BACI's own columns, among other goods, and two lists beside them."""
        if name not in self._archives:
            _, revision, rest = name.split("_")
            release = rest.removesuffix(".zip")
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for year, flows in self.releases[release].items():
                    self._add(archive, f"BACI_{revision}_Y{year}_{release}.csv", self._yearly(flows, year))
                self._add(archive, f"country_codes_{release}.csv", "country_code,country_name\n156,China\n")
                self._add(archive, f"product_codes_{revision}_{release}.csv", "code,description\n850511,Magnets\n")
            self._archives[name] = self.damage(packed.getvalue())
        return self._archives[name]

    def _yearly(self, flows: list[Flow], year: int) -> str:
        others = [(str(year), "156", "842", code, "1000.000", "12.345") for code in _OTHER_GOODS]
        order = [COLUMNS.index(name) if name in COLUMNS else 5 for name in self.columns]
        padded = ([cell if at < 4 else cell.rjust(12) for at, cell in enumerate(flow)] for flow in [*others, *flows])
        lines = [",".join(self.columns), *(",".join(flow[at] for at in order) for flow in padded)]
        return "\n".join(lines) + "\n"

    @staticmethod
    def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
        info = zipfile.ZipInfo(name, (2026, 1, 22, 10, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, text)
