"""A fake of the BGS's OGC interface: the World Mineral Statistics as GeoJSON, with its pages, filters and quirks.

The publisher's figures are never in the tree: without a user's own file it has twelve INVENTED records, which are no
statistics.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from tests.fakes.server import ERROR_PAGE, Reply, Request

ITEMS = "/collections/world-mineral-statistics/items"
_EQUALS = re.compile(r"""^\s*(\w+)\s*=\s*["']([^"']*)["']\s*$""")
_MARCH = {"concat_figure_notes_code": "a", "concat_figure_notes_text": "Years ending 31 March following that stated."}
_COLUMNS = (
    "country_iso3_code", "erml_group", "sdmx_translation", "pole_of_inaccessibility_longitude",
    "erml_commodity", "units", "year", "pole_of_inaccessibility_latitude", "erml_sub_commodity",
    "concat_table_notes_code", "yearbook_table_id", "cgi_commodity_url", "quantity", "yearbook_table_trans",
    "bgs_commodity_code", "concat_table_notes_text", "bgs_statistic_type_trans", "bgs_commodity_trans",
    "quantity_in_book_style", "concat_figure_notes_code", "country_trans", "bgs_sub_commodity_trans",
    "data_precision_description", "concat_figure_notes_text", "country_iso2_code", "sdmx_code",
)  # fmt: skip


def invented_records() -> list[dict[str, Any]]:
    """Twelve INVENTED records: three years of oxides of three countries, and of India's monazite. No statistics."""
    blank = dict.fromkeys(_COLUMNS) | {"bgs_statistic_type_trans": "Production", "units": "tonnes (metric)"}
    countries = (("CHN", "China", 111_000, {}), ("USA", "USA", 22_000, {}), ("IND", "India", 3_300, _MARCH))
    oxides = {"erml_group": "Rare earths", "bgs_commodity_trans": "rare earth oxides"}
    minerals = {"bgs_commodity_trans": "rare earth minerals", "bgs_sub_commodity_trans": "Monazite"}
    lists = [(oxides, country) for country in countries] + [(minerals, countries[2])]
    return [
        blank | labels | notes
        | {"country_iso3_code": code, "country_trans": name, "year": f"{year}-01-01T00:00:00Z"}
        | {"quantity": float(tonnes + year), "quantity_in_book_style": str(tonnes + year)}
        for year in (2019, 2020, 2021)
        for labels, (code, name, tonnes, notes) in lists
    ]  # fmt: skip


def records_of(publisher_files: Path) -> list[dict[str, Any]]:
    """The records of a user's own download, a CSV."""
    with (publisher_files / "bgs" / "BGS_REs_production.csv").open(encoding="utf-8-sig", newline="") as text:
        rows = [{name: value or None for name, value in row.items()} for row in csv.DictReader(text)]
    return [row | {"quantity": float(row["quantity"]) if row["quantity"] else None} for row in rows]


class FakeBgs:
    """The interface.

    `cap` is the most records of a page, `refuses_properties` and `refuses_filters` whether equality on a property or
    CQL is answered by 400, `ignores_queries` whether filters do nothing, `gives_etag` whether answers can be validated.
    `lies` are requests whose page says that it holds one record more than it does. Without `counts` no page says how
    many records match, and links lead to the next one.
    """

    def __init__(self, publisher_files: Path | None = None) -> None:
        self.records = records_of(publisher_files) if publisher_files else invented_records()
        self.cap = 10_000
        self.refuses_properties = self.refuses_filters = self.ignores_queries = self.gives_etag = False
        self.counts = True
        self.lies: list[int] = []
        self.shrinks: list[int] = []

    def revise(self, country: str = "USA", year: int = 2021, tonnes: int = 25_000) -> None:
        """Correct one figure of the oxides."""
        for record in self.records:
            key = (record["country_iso3_code"], str(record["year"])[:4], record["bgs_commodity_trans"])
            if key == (country, str(year), "rare earth oxides"):
                record |= {"quantity": float(tonnes), "quantity_in_book_style": str(tonnes)}

    def withdraw(self, country: str, year: int) -> None:
        """Take a country's figures of a year away."""
        self.records = [r for r in self.records if (r["country_iso3_code"], str(r["year"])[:4]) != (country, str(year))]

    def rename_column(self, old: str, new: str) -> None:
        """Call a property otherwise."""
        self.records = [{new if name == old else name: value for name, value in r.items()} for r in self.records]

    def empty(self) -> None:
        """Have no record any more."""
        self.records = []

    def __call__(self, request: Request) -> Reply:
        """Respond as the interface does."""
        if re.match(r"python|$", request.headers.get("user-agent", ""), re.IGNORECASE):
            return Reply(ERROR_PAGE, "text/html", 403)
        if request.path.rstrip("/") != ITEMS:
            return Reply(ERROR_PAGE, "text/html", 404)
        wanted = self._wanted(request)
        if wanted is None or request.query.get("f") != "json":
            return Reply(b'{"code": "InvalidParameterValue", "description": "unknown query parameter"}', status=400)
        found = [r for r in self.records if all(r.get(name) == value for name, value in wanted.items())]
        offset, limit = int(request.query.get("offset", 0)), int(request.query.get("limit", 10))
        page = found[offset : offset + min(limit, self.cap)]
        if request.number in self.shrinks:
            page = page[: len(page) // 2]
        returned = len(page) + 1 if request.number in self.lies else len(page)
        reply = {"type": "FeatureCollection", "numberMatched": len(found), "numberReturned": returned}
        if not self.counts:
            del reply["numberMatched"]
            has_next = offset + len(page) < len(found)
            reply["links"] = [{"rel": rel, "href": request.path} for rel in ("self", *(("next",) * has_next))]
        body = json.dumps(
            reply
            | {"features": [_feature(offset + i, r) for i, r in enumerate(page)], "timeStamp": str(request.number)}
        ).encode()
        etag = f'"{hashlib.sha256(json.dumps(page).encode()).hexdigest()[:16]}"'
        if self.gives_etag and request.headers.get("if-none-match") == etag:
            return Reply(b"", "application/geo+json", 304, {"ETag": etag})
        return Reply(body, "application/geo+json", headers={"ETag": etag} if self.gives_etag else {})

    def _wanted(self, request: Request) -> dict[str, str] | None:
        """What properties must equal; None where the query is refused."""
        properties = {n: v for n, v in request.query.items() if n not in {"f", "limit", "offset", "filter", "sortby"}}
        cql = request.query.get("filter", "")
        if (properties and self.refuses_properties) or (cql and self.refuses_filters):
            return None
        if self.ignores_queries:
            return {}
        terms = [_EQUALS.match(term) for term in cql.split(" AND ")] if cql else []
        if not all(terms) or not set(properties) <= set(_COLUMNS):
            return None
        return properties | {term[1]: term[2] for term in terms if term}


def _feature(number: int, record: dict[str, Any]) -> dict[str, Any]:
    place = [float(record["x"]), float(record["y"])] if record.get("x") else None
    geometry = {"type": "Point", "coordinates": place} if place else None
    return {"type": "Feature", "id": number, "geometry": geometry, "properties": record | {"synthetic_id": number}}
