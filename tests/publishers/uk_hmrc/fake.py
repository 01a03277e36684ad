"""HMRC's interface as a fake server: OData filters, pages, suppressed partners.

It serves the bundled records of rare-earth magnets, and INVENTED ones of the months before them and of other lines.
Nothing was checked against the real server: it behaves as public clients of it expect.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from typing import Any
from urllib.parse import quote, urlencode

from sources.snapshot import BUNDLED
from tests.fakes.server import ERROR_PAGE, Reply, Request

Record = dict[str, Any]
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_FLOW_TYPES = {("import", True): 1, ("export", True): 2, ("import", False): 3, ("export", False): 4}
_TOKEN = re.compile(
    r"\s*(\(|\)|\band\b|\bor\b|(?P<term>(?P<field>[A-Za-z0-9]+) (?P<op>eq|ge) (?P<value>'[^']*'|-?\d+)))"
)
INVENTED = (
    ("202501", "import", "85051190", "CN", 5_000, 400),
    ("202501", "import", "85051190", "", 700, 30),
    ("202502", "export", "28469060", "JP", 90_000, 250),
    ("202502", "import", "28461000", "CN", 40_000, 9_000),
    ("202602", "import", "28053029", "CN", 12_000, 600),
    ("202603", "import", "85051990", "DE", 33_000, 2_100),
)
"""INVENTED records of other lines; the partner without letters is one whose trade is suppressed."""
LINES = ("85051110", "85051190", "85051910", "85051990", "28461000", "28469060", "28469095", "28053029")
"""Lines of the list of commodities. 28469095 is INVENTED: one that `source.toml` does not name."""


class RefusedError(Exception):
    """A filter that the interface does not take."""

    def __str__(self) -> str:
        return f"The query specified in the URI is not valid: {super().__str__()}."


class FakeHmrc:
    """The interface.

    `cap` is the most records of a page and `most_terms` the most comparisons of a filter. `has_commodities` is whether
    the list of lines is served, `counts` whether pages say how many records match. `overlaps` begins each further page
    with the last record of the one before; `loops` links each page to the first.
    """

    def __init__(self) -> None:
        bundled = _bundled()
        self.records = [*_before(bundled), *bundled, *(_record(*cells, port=1) for cells in INVENTED)]
        self.cap = 30_000
        self.most_terms = 33
        self.has_commodities = True
        self.counts = self.overlaps = self.loops = False

    def revise(self, month: str, factor: float) -> None:
        """Change the values of a month."""
        for record in self.records:
            if record["MonthId"] == int(month):
                record["Value"] = float(round(record["Value"] * factor))

    def publish(self, month: str) -> None:
        """Publish a month: magnets of June 2026 again, as INVENTED figures of it."""
        of_june = [record for record in self.records if record["MonthId"] == 202606]
        self.records += [record | {"MonthId": int(month)} for record in of_june]

    def withdraw(self, month: str) -> None:
        """Take the records of a month away."""
        self.records = [record for record in self.records if record["MonthId"] != int(month)]

    def __call__(self, request: Request) -> Reply:
        """Respond as the interface does."""
        path = request.path.strip("/")
        try:
            matches = _filter(request.query.get("$filter", ""), self.most_terms)
            if path == "Commodity" and self.has_commodities:
                return self._page(request, [line for line in map(_commodity, LINES) if matches(line)])
            if path == "OTS" and set(request.query) <= {"$filter", "$expand", "$skip"}:
                return self._page(request, [record for record in self.records if matches(record)])
        except RefusedError as error:
            return Reply(json.dumps({"error": {"code": "", "message": str(error)}}).encode(), status=400)
        return Reply(ERROR_PAGE, "text/html", 404)

    def _page(self, request: Request, found: list[Record]) -> Reply:
        start = int(request.query.get("$skip", 0))
        page = found[max(start - int(self.overlaps), 0) : start + self.cap]
        if request.query.get("$expand") != "Country":
            page = [{name: value for name, value in record.items() if name != "Country"} for record in page]
        body: dict[str, Any] = {"@odata.context": f"http://{request.headers['host']}/$metadata#OTS", "value": page}
        if self.counts:
            body["@odata.count"] = len(found)
        following = start + self.cap
        if following < len(found):
            query = {**request.query, "$skip": "0" if self.loops else str(following)}
            address = f"http://{request.headers['host']}{request.path}?{urlencode(query, quote_via=quote)}"
            body["@odata.nextLink"] = address
        return Reply(json.dumps(body).encode(), "application/json; odata.metadata=minimal")


def _filter(text: str, most_terms: int) -> Any:
    """The predicate of a filter of `eq`, `ge`, `and`, `or` and parentheses."""
    tokens, place = [], 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None:
            raise RefusedError(text[place:])
        tokens.append(found)
        place = found.end()
    if sum(token["term"] is not None for token in tokens) > most_terms:
        raise RefusedError(text)
    words = [_term(token) if token["term"] else token[1] for token in tokens]
    return _any_of(words)


def _any_of(words: list[Any]) -> Any:
    predicate = _all_of(words)
    while words and words[0] == "or":
        words.pop(0)
        predicate = _either(predicate, _all_of(words))
    return predicate


def _all_of(words: list[Any]) -> Any:
    predicate = _one(words)
    while words and words[0] == "and":
        words.pop(0)
        predicate = _both(predicate, _one(words))
    return predicate


def _one(words: list[Any]) -> Any:
    word = words.pop(0) if words else None
    if word == "(":
        predicate = _any_of(words)
        word = predicate if words and words.pop(0) == ")" else None
    if not callable(word):
        raise RefusedError(word)
    return word


def _either(one: Any, other: Any) -> Any:
    return lambda record: one(record) or other(record)


def _both(one: Any, other: Any) -> Any:
    return lambda record: one(record) and other(record)


def _term(token: re.Match[str]) -> Any:
    name, value = token["field"], token["value"]
    wanted: Any = value.strip("'") if value.startswith("'") else int(value)

    def matches(record: Record) -> bool:
        if name not in record or type(record[name]) is not type(wanted):
            raise RefusedError(name, wanted)
        return bool(record[name] >= wanted if token["op"] == "ge" else record[name] == wanted)

    return matches


def _commodity(line: str) -> Record:
    return {"CommodityId": int(line), "Cn8Code": line, "Hs6Code": line[:6], "Hs4Code": line[:4]}


def _bundled() -> list[Record]:
    """The bundled records, each with a port of its own among those of its flow."""
    records, ports = [], Counter[tuple[str, ...]]()
    for file in sorted((BUNDLED / "uk_hmrc").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as text:
            for month, flow, line, letters, pounds, kg in list(csv.reader(text))[1:]:
                ports[month, flow, letters] += 1
                records.append(_record(month, flow, line, letters, int(pounds), int(kg), ports[month, flow, letters]))
    return records


def _before(bundled: list[Record]) -> list[Record]:
    """Records from January to May 2024, INVENTED: those of 2025. The bundle begins in June, the interface before it."""
    return [record | {"MonthId": record["MonthId"] - 100} for record in bundled if 202500 < record["MonthId"] < 202506]


def _record(month: str, flow: str, line: str, letters: str, pounds: int, kg: int, port: int) -> Record:
    country_id = sum(ord(letter) * 97**place for place, letter in enumerate(letters)) or 958
    return {
        "MonthId": int(month),
        "FlowTypeId": _FLOW_TYPES[flow, bool(letters) and letters in _EU],
        "SuppressionIndex": int(not letters),
        "CommodityId": int(line),
        "CommoditySitcId": 77811,
        "CountryId": country_id,
        "PortId": port,
        "Value": float(pounds),
        "NetMass": float(kg),
        "SuppUnit": None,
        "Country": {
            "CountryId": country_id,
            "CountryCodeAlpha": letters or None,
            "CountryName": letters or "Secret countries (suppressed)",
        },
    }
