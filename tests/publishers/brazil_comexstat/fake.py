"""Comex Stat's interface as a fake server: one calendar year a request, errors in the body, text for numbers.

It serves the bundled records of magnets, and INVENTED ones of other lines. Nothing was checked against the real
server: it behaves as public clients of it expect.
"""

from __future__ import annotations

import csv
import json
from typing import Any

from sources.snapshot import BUNDLED
from tests.fakes.server import ERROR_PAGE, Reply, Request

Record = dict[str, Any]
INVENTED = (
    ("import", "2025", "03", "China", "28469090", 250_000, 31_000),
    ("import", "2025", "04", "Japão", "28461010", 18_000, 1_200),
    ("export", "2025", "05", "Países Baixos (Holanda)", "28469090", 9_000, 800),
    ("import", "2026", "01", "China", "28053090", 7_000, 300),
    ("import", "2026", "02", "China", "85051910", 91_000, 40_000),
)
"""INVENTED records of other lines."""
ASKED = {"details": ["country", "ncm"], "metrics": ["metricFOB", "metricKG"], "monthDetail": True}


class FakeComexStat:
    """The interface.

    `updated` is the day of its figures, None where that address is not served. `busy` are requests that are answered
    with a code 429 in the body. `is_bare` leaves `success` out.
    """

    def __init__(self) -> None:
        self.records = [*_bundled(), *(_record(*cells) for cells in INVENTED)]
        self.updated: str | None = "2026-08-06"
        self.busy: list[int] = []
        self.is_bare = False

    def revise(self, month: str, factor: float, updated: str) -> None:
        """Change the values of a month ("202601"); the figures are of another day then."""
        self.updated = updated
        for record in self.records:
            if record["year"] + record["monthNumber"] == month:
                record["metricFOB"] = str(round(int(record["metricFOB"]) * factor))

    def withdraw(self, month: str, updated: str) -> None:
        """Take the records of a month away."""
        self.updated = updated
        self.records = [record for record in self.records if record["year"] + record["monthNumber"] != month]

    def __call__(self, request: Request) -> Reply:
        """Respond as the interface does."""
        path = request.path.strip("/")
        if request.number in self.busy:
            return _json({"error": {"code": 429, "message": "Too many requests, please try again later."}})
        if path == "general/dates/updated" and request.method == "GET" and self.updated:
            data = {"updated": self.updated, "year": self.updated[:4], "monthNumber": "07"}
            return _json({"data": data, "success": True, "message": None})
        if path != "general" or request.method != "POST":
            return Reply(ERROR_PAGE, "text/html", 404)
        return self._answer(json.loads(request.body))

    def _answer(self, query: dict[str, Any]) -> Reply:
        first, last = query["period"]["from"], query["period"]["to"]
        (chosen,) = query["filters"]
        is_understood = chosen["filter"] == "ncm" and query["flow"] in ("import", "export")
        if first[:4] != last[:4] or not is_understood or any(query[name] != value for name, value in ASKED.items()):
            return Reply(b'{"error": {"code": 400, "message": "Invalid query."}}', status=400)
        found = [
            {name: value for name, value in record.items() if name != "flow"}
            for record in self.records
            if record["flow"] == query["flow"]
            and record["coNcm"] in chosen["values"]
            and first <= f"{record['year']}-{record['monthNumber']}" <= last
        ]
        success = {} if self.is_bare else {"success": True}
        return _json({"data": {"list": found}, **success, "message": None, "processo_info": None, "language": "pt"})


def _json(body: dict[str, Any]) -> Reply:
    return Reply(json.dumps(body, ensure_ascii=False).encode(), "application/json; charset=utf-8")


def _bundled() -> list[Record]:
    records = []
    for file in sorted((BUNDLED / "brazil_comexstat").glob("*.csv")):
        flow = "import" if "import" in file.name else "export"
        with file.open(encoding="utf-8", newline="") as text:
            for year, month, country, line, usd, kg in list(csv.reader(text))[1:]:
                records.append(_record(flow, year, month, country, line, int(usd), int(kg)))
    return records


def _record(flow: str, year: str, month: str, country: str, line: str, usd: int, kg: int) -> Record:
    return {
        "flow": flow,
        "coNcm": line,
        "year": year,
        "monthNumber": month,
        "country": country,
        "ncm": "as the schedule describes it",
        "metricFOB": str(usd),
        "metricKG": str(kg),
    }
