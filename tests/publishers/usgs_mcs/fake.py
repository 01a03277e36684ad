"""A fake ScienceBase: the centre's data releases with the tables of the bundled snapshot, or with full files."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sources.snapshot import BUNDLED
from tests.fakes.server import Reply, Request

PARENT = "5c8c03e4e4b0938824529f7d"
TABLES = {
    2022: "mcs2022-raree_world.csv",
    2023: "mcs2023-raree_world.csv",
    2024: "mcs2024-raree_world.csv",
    2025: "MCS2025_World_Data.csv",
    2026: "MCS2026_Commodities_Data.csv",
}
SALIENT = {
    2022: {"rare_earths": "mcs2022-raree_salient.csv"},
    **{
        year: {
            "rare_earths": f"mcs{year}-raree_salient.csv",
            "scandium": f"mcs{year}-{scandium}_salient.csv",
            "thorium": f"mcs{year}-thori_salient.csv",
            "yttrium": f"mcs{year}-yttri_salient.csv",
        }
        for year, scandium in {2023: "scandi", 2024: "scand"}.items()
    },
}
"""Files of salient statistics by edition and chapter. In the editions of 2025 and 2026 there are none."""
_ITEMS = {
    2022: ("6197ccbed34eb622f692ee1c", "U.S. Geological Survey Mineral Commodity Summaries 2022 Data Release"),
    2023: ("63b5f411d34e92aad3caa57f", "U.S. Geological Survey Mineral Commodity Summaries 2023 Data Release"),
    2024: (
        "65a6e45fd34e5af967a46749",
        "U.S. Geological Survey Mineral Commodity Summaries 2024 Data Release (ver. 2.0, March 2024)",
    ),
    2025: (
        "677eaf95d34e760b392c4970",
        "U.S. Geological Survey Mineral Commodity Summaries 2025 Data Release (ver. 2.0, April 2025)",
    ),
    2026: ("696a75d5d4be0228872d3bf8", "Mineral Commodity Summaries 2026 Data Release"),
}
_OTHERS = (
    "Compilation of geospatial data for the mineral industries of Latin America and the Caribbean",
    "Minerals Yearbook, volume III, Area Reports: 2019 country chapters, table 1",
    "Data for assessment of mineral commodity supply risk 2018",
    "2024 Minerals Yearbook, volume III, Area Reports: country reports",
)
_UPLOADED = {2022: "2022-02-04", 2023: "2023-01-31", 2024: "2024-03-14", 2025: "2025-04-11", 2026: "2026-02-06"}
HISTORY = """Revision History for U.S. Geological Survey Mineral Commodity Summaries 2026

First posted online February 6, 2026

Revised and reposted March 5, 2026, as version 1.1

Revised and reposted May 27, 2026, as version 1.3
"""


@dataclass
class File:
    """A file of an item. `says` overrides what the item says of it."""

    name: str
    data: bytes
    uploaded: str
    says: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()[:32]


@dataclass
class Item:
    """An item of the catalogue; `below` are the items under it."""

    id: str
    title: str
    files: list[File] = field(default_factory=list)
    below: list[Item] = field(default_factory=list)


def zipped(*members: tuple[str, bytes]) -> bytes:
    """A zip of these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def next_table(table: bytes) -> bytes:
    """The long table of an edition with every year one later: what the next edition may look like. Invented."""
    header, *records = csv.reader(io.StringIO(table.decode("cp1252"), newline=""))
    at = header.index("Year")
    moved = [[*r[:at], str(int(r[at]) + 1) if r[at].isdigit() else r[at], *r[at + 1 :]] for r in records]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *moved])
    return text.getvalue().encode("cp1252")


class FakeUsgs:
    """ScienceBase. Zips for 2022 (in an item below the edition's own) to 2024, CSV for 2025 and 2026.

    `publisher_files` is a folder of full files; without it the bundled tables are served. `cap` is the most items of a
    page, `lists_files` whether lists hold files, `files_at` the start of every file's address. `storage` is the base
    address of a second host, to which files are redirected with `signature` in the query; `signs_links` says that items
    give such links alone. `in_facets` puts files under `facets`. Without `has_salient` editions are world tables only.
    """

    def __init__(self, publisher_files: Path | None = None, *, has_salient: bool = True) -> None:
        self.cap = 20
        self.lists_files = False
        self.files_at = "/catalog/file/get"
        self.storage = ""
        self.signature = ""
        self.signs_links = False
        self.in_facets = False
        self.others = [Item(f"5804d720e4b0824b2d1c19{i:02}", title) for i, title in enumerate(_OTHERS)]
        self.publisher_files = publisher_files
        self.tables = {year: self._bytes_of(year, name) for year, name in TABLES.items()}
        self.salient = {
            year: [(name, self._bytes_of(year, name)) for name in names.values()] if has_salient else []
            for year, names in SALIENT.items()
        }
        self.editions = {year: Item(*_ITEMS[year]) for year in TABLES}
        for year in TABLES:
            self._place(year, _UPLOADED[year])

    def _bytes_of(self, year: int, name: str) -> bytes:
        folder = self.publisher_files / "usgs" / f"mcs{year}" if self.publisher_files else BUNDLED / "usgs_mcs"
        return (folder / name).read_bytes()

    def _place(self, year: int, uploaded: str) -> None:
        """Put the edition's files into its item, as that edition has them."""
        table, name, item = (
            self.tables[year],
            TABLES.get(year, TABLES[2026].replace("2026", str(year))),
            self.editions[year],
        )
        meta = (f"mcs{year}-raree_meta.xml", b"<metadata/>")
        stamp = f"{uploaded}T15:04:05Z"
        if year == 2022:
            packed = zipped(meta, *self.salient[year], (name, table))
            item.below = [Item("61ead375d34e8b818ad9f3f5", "Rare Earths", [File("mcs2022-raree.zip", packed, stamp)])]
        elif year in (2023, 2024):
            packed = zipped(
                (f"world/{meta[0]}", meta[1]), ("world/mcs-alumi_world.csv", b"a\r\n"), (f"world/{name}", table)
            )
            salient = [File("salient.zip", zipped(*self.salient[year]), stamp)] if self.salient[year] else []
            item.files = [*salient, File("world.zip", packed, stamp)]
        else:
            figure = File(f"MCS{year}_Fig3_Major_Import_Sources.csv", b"a,b\r\n1,2\r\n", stamp)
            item.files = [figure, File(name, table, stamp)]

    def table_file(self, year: int) -> File:
        """The file that holds an edition's world table."""
        item = self.editions[year]
        return (item.below[0] if item.below else item).files[-1]

    def publish_edition(self, year: int = 2027, uploaded: str = "2026-11-20", title: str = "") -> None:
        """Publish the next edition: the last one's long table, its years moved on. Its figures are invented."""
        self.tables[year] = next_table(self.tables[year - 1])
        name = title or f"U.S. Geological Survey Mineral Commodity Summaries {year} Data Release (ver. 1.0)"
        self.editions[year] = Item(f"79{year}d5d4be0228872d3bf8", name)
        self._place(year, uploaded)

    def reupload(self, year: int, table: bytes, uploaded: str = "2026-11-20") -> None:
        """Put another table in the place of an edition's."""
        self.tables[year] = table
        self._place(year, uploaded)

    def revise(
        self,
        year: int = 2026,
        old: bytes = b'"21,000,000"',
        new: bytes = b'"11,000,000"',
        uploaded: str = "2026-11-20",
    ) -> None:
        """Correct a figure of an edition: Brazil's reserves of MCS 2026, as its printed chapter was in May 2026."""
        assert old in self.tables[year]
        self.reupload(year, self.tables[year].replace(old, new), uploaded)

    def change_columns(self, year: int) -> None:
        """Upload an edition with a column more and one renamed."""
        header, rest = self.tables[year].split(b"\r\n", 1)
        names = header.replace(b"Notes,", b"Remarks,", 1) + b",Confidence"
        self.reupload(year, names + b"\r\n" + rest.replace(b"\r\n", b",high\r\n"))

    def withdraw(self, year: int) -> None:
        """Take an edition's item out of the catalogue."""
        del self.editions[year]

    def take_files_away(self, year: int) -> None:
        """Leave an edition's item without its files."""
        self.editions[year].files, self.editions[year].below = [], []

    def __call__(self, request: Request) -> Reply:
        """Respond as ScienceBase does."""
        path = request.path.rstrip("/")
        if path == "/catalog/items":
            return self._list(request)
        item = next((i for i in self._all() if path == f"/catalog/item/{i.id}"), None)
        if item is not None:
            fields = {"id": item.id, "title": item.title, "link": {"rel": "self"}}
            files = [self._file(item, file) for file in item.files]
            placed = {"facets": [{"className": "Facet", "files": files}]} if self.in_facets else {"files": files}
            return _json(fields | (placed if files else {}))
        for item in self._all():
            for file in item.files:
                if path.endswith(f"/catalog/file/get/{item.id}") and request.query.get("f") == f"__disk__{file.key}":
                    if self.storage:
                        return Reply(b"", status=302, headers={"Location": self._signed(item, file)})
                    return Reply(file.data, "application/octet-stream")
        return Reply(b'{"errors": [{"message": "not found"}]}', status=404)

    def _signed(self, item: Item, file: File) -> str:
        return (
            f"{self.storage}/{item.id}/{file.key}?X-Amz-Credential=ASIAKEYOFTHEFAKE0001%2F20261127%2Fus-west-2%2Fs3"
            f"&X-Amz-Expires=300&X-Amz-Signature={self.signature}"
        )

    def stored(self, request: Request) -> Reply:
        """Respond as the storage host does: a file for today's signature, else a refusal that repeats what it got."""
        sent = request.query.get("X-Amz-Signature", "")
        if sent != self.signature:
            return Reply(f"<Error><Code>AccessDenied</Code><Sent>{sent}</Sent></Error>".encode(), status=403)
        found = [file for item in self._all() for file in item.files if request.path == f"/{item.id}/{file.key}"]
        return Reply(found[0].data, "application/octet-stream") if found else Reply(b"<Error/>", status=404)

    def _all(self) -> list[Item]:
        items = [*self.others, *self.editions.values()]
        return [*items, *(below for item in items for below in item.below)]

    def _list(self, request: Request) -> Reply:
        parent = request.query.get("parentId", "")
        if parent == PARENT:
            items = [*self.others, *self.editions.values()]
        else:
            items = [below for item in self._all() if item.id == parent for below in item.below]
        offset, most = int(request.query.get("offset") or 0), min(int(request.query.get("max") or 20), self.cap)
        page = [
            {"id": item.id, "title": item.title}
            | ({"files": [self._file(item, file) for file in item.files]} if self.lists_files and item.files else {})
            for item in items[offset : offset + most]
        ]
        return _json({"total": len(items), "items": page})

    def _file(self, item: Item, file: File) -> dict[str, Any]:
        address = self._signed(item, file) if self.signs_links else f"{self.files_at}/{item.id}?f=__disk__{file.key}"
        return {
            "name": file.name,
            "contentType": "application/octet-stream",
            "size": len(file.data),
            "dateUploaded": file.uploaded,
            "url": address,
            "downloadUri": address,
            "checksum": {"type": "MD5", "value": hashlib.md5(file.data, usedforsecurity=False).hexdigest()},
        } | file.says


def _json(fields: dict[str, Any]) -> Reply:
    return Reply(json.dumps(fields).encode(), "application/json;charset=UTF-8")
