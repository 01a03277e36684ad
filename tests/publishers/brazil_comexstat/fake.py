"""A fake of Comex Stat's interface: INVENTED figures, one calendar year a request, quotas told in a body."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.server import ERROR_PAGE, Reply, Request

_LINES = {"850511": ("85051100",), "850519": ("85051910", "85051990"), "2846": ("28461010", "28469090")}


def a_record(**fields: Any) -> dict[str, Any]:
    """One INVENTED record: imports of 85051100 from China in January 2025."""
    return {
        "coNcm": "85051100",
        "year": "2025",
        "monthNumber": "01",
        "country": "China",
        "ncm": "as the schedule describes it",
        "metricFOB": "1000",
        "metricKG": "100",
    } | fields


class FakeComexStat:
    """The interface. `newest` is the newest month out; `busy` are requests answered by a quota's words in a body."""

    def __init__(self) -> None:
        self.newest = 202609
        self.busy: list[int] = []
        self.factor = 1
        self.withdrawn: set[tuple[str, int]] = set()

    def __call__(self, request: Request) -> Reply:
        """Respond as the interface does."""
        if request.method != "POST" or request.path.rstrip("/") != "/general":
            return Reply(ERROR_PAGE, "text/html", 404)
        if request.number in self.busy:
            return Reply(b'{"error": {"code": 429, "message": "Too many requests"}}')
        asked = json.loads(request.body)
        first, last = (str(asked["period"][name]).replace("-", "") for name in ("from", "to"))
        if first[:4] != last[:4]:
            return Reply(b'{"error": {"code": 400, "message": "one year a request"}}', status=400)
        values = asked["filters"][0]["values"]
        lines = [line for lines in _LINES.values() for line in lines if any(line.startswith(v) for v in values)]
        found = [
            a_record(coNcm=line, year=first[:4], monthNumber=f"{month:02}", country=country,
                     metricFOB=str(1000 * self.factor + month + n), metricKG=str(10 + month + n))
            for month in range(int(first[4:]), int(last[4:]) + 1)
            if int(first[:4]) * 100 + month <= self.newest
            for line in lines
            for n, country in enumerate(("China", "Japão", "Alemanha"))
            if (country, int(first[:4]) * 100 + month) not in self.withdrawn
        ]  # fmt: skip
        return Reply(json.dumps({"data": {"list": found}, "success": True, "message": None}).encode())
