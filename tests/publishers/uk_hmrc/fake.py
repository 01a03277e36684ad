"""A fake of HMRC's OData interface: INVENTED records of trade, its filter, pages and refusals."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from tests.fakes.server import ERROR_PAGE, Reply, Request

_CODE = re.compile(r"Commodity/Hs6Code eq '(\d{6})'")
_MONTH = re.compile(r"MonthId eq (\d{6})")
_COUNTRIES = {"CN": "China", "DE": "Germany", "JP": "Japan", "US": "United States"}


def a_record(**fields: Any) -> dict[str, Any]:
    """One INVENTED record: imports of 85051110 from China in January 2025."""
    letters = fields.pop("letters", "CN")
    country = {"CountryId": 720, "CountryCodeAlpha": letters, "CountryName": _COUNTRIES[letters]}
    return {
        "MonthId": 202501,
        "FlowTypeId": 3,
        "SuppressionIndex": 0,
        "CommodityId": 85051110,
        "CommoditySitcId": 77811,
        "CountryId": 720,
        "PortId": 120,
        "Value": 1000.0,
        "NetMass": 10.0,
        "SuppUnit": None,
        "Country": country,
    } | fields


class FakeHmrc:
    """The interface: records of January 2024 to `newest` of lines of 850511, `page` records a page.

    `refuses_filters` answers a query by 400, as the interface does for one that it does not understand.
    """

    def __init__(self) -> None:
        self.page = 40
        self.newest = 202609
        self.refuses_filters = False
        self.withdrawn: set[tuple[str, int]] = set()
        self.factor = 1

    @property
    def records(self) -> list[dict[str, Any]]:
        """All records, invented: two a flow with China, one with each other country."""
        months = [year * 100 + month for year in (2024, 2025, 2026) for month in range(1, 13)]
        return [
            a_record(MonthId=month, FlowTypeId=flow, CommodityId=line, letters=letters,
                     Value=float(1000 * self.factor + at + n), NetMass=float(10 + at + n))
            for at, month in enumerate(months)
            if month <= self.newest
            for line in (85051110, 85051190)
            for flow, letters, n in ((3, "CN", 1), (3, "CN", 2), (1, "DE", 3), (4, "JP", 4), (4, "US", 5))
            if (letters, month) not in self.withdrawn
        ]  # fmt: skip

    def __call__(self, request: Request) -> Reply:
        """Respond as the interface does."""
        if request.path.rstrip("/") != "/OTS":
            return Reply(ERROR_PAGE, "text/html", 404)
        query = request.query.get("$filter", "")
        code, months = _CODE.findall(query), [int(month) for month in _MONTH.findall(query)]
        if self.refuses_filters or request.query.get("$expand") != "Country" or len(code) != 1 or not months:
            return Reply(
                b'{"error": {"code": "", "message": "The query specified in the URI is not valid."}}', status=400
            )
        found = [r for r in self.records if r["MonthId"] in months and str(r["CommodityId"]).startswith(code[0])]
        skip = int(request.query.get("$skip", 0))
        body: dict[str, Any] = {"@odata.context": "$metadata#OTS", "value": found[skip : skip + self.page]}
        if skip + self.page < len(found):
            rest = urlencode(dict(request.query) | {"$skip": skip + self.page})
            body["@odata.nextLink"] = f"http://{request.headers['host']}/OTS?{rest}"
        return Reply(json.dumps(body).encode())
