"""A fake International Trade API of the US Census Bureau: answers with a header row, 204, the pages about keys.

Figures of June 2026 are real ones of 850511, of three countries; those of other months, lines and weights are INVENTED.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.fakes.server import Reply, Request

PATH = re.compile(r"/data/timeseries/intltrade/(imports|exports)/hs")
NAMES = {"imports": ("I_COMMODITY", "GEN_VAL_MO", "GEN_QY1_MO"), "exports": ("E_COMMODITY", "ALL_VAL_MO", "QTY_1_MO")}
COUNTRIES = {"5700": "CHINA", "5880": "JAPAN", "4280": "GERMANY"}
GROUPS = {"0003": ("EUROPEAN UNION", ("4280",)), "5XXX": ("ASIA", ("5700", "5880"))}
JUNE_2026 = {
    "imports": {"5700": 31_031_063, "5880": 2_931_387, "4280": 1_324_238},
    "exports": {"5700": 372_591, "5880": 151_918, "4280": 151_454},
}
"""US$ of 850511 by flow and country."""
LINES = {"8505110070": 0.75, "8505110090": 0.25}
"""INVENTED shares of two lines of 850511."""
KEY_PAGE = b"<html><head><title>%s Key</title></head><body>A valid <em>key</em> must be included.</body></html>"
Row = tuple[str, str, str, int, int]
"""Month, line, country, US$, kg."""


@dataclass
class FakeCensus:
    """The API: `months` that are out, `rows` of each flow. `key` is the one it accepts."""

    key: str = ""
    months: tuple[str, ...] = tuple(f"{year}-{month:02}" for year in (2024, 2025, 2026) for month in range(1, 13))[:33]
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for flow, by_country in JUNE_2026.items():
            self.rows[flow] = [
                (month, line, country, round(usd * share * (1 if month == "2026-06" else 0.5)), round(usd * share / 40))
                for month in self.months
                for country, usd in by_country.items()
                for line, share in LINES.items()
            ]

    def publish(self, month: str) -> None:
        """A month comes out: China's magnets, INVENTED."""
        self.months = (*self.months, month)
        for flow in self.rows:
            self.rows[flow].append((month, "8505110070", "5700", 20_000_000, 500_000))

    def revise(self, month: str, factor: float) -> None:
        """Correct a month's values."""
        for flow, rows in self.rows.items():
            self.rows[flow] = [
                (at, line, country, round(usd * factor) if at == month else usd, kg)
                for at, line, country, usd, kg in rows
            ]

    def __call__(self, request: Request) -> Reply:
        """Respond to one request."""
        if request.path.endswith("_key.html"):
            return Reply(KEY_PAGE % (b"Missing" if "missing" in request.path else b"Invalid"), "text/html")
        found = PATH.fullmatch(request.path)
        if found is None:
            return Reply(b"error: unknown/unsupported dataset", "text/plain", 404)
        given = request.query.get("key", "")
        if given != self.key or not given:
            page = f"/data/{'invalid' if given else 'missing'}_key.html"
            return Reply(b"", "text/html", 302, {"Location": page, "X-DataWebAPI-KeyError": "1"})
        return self._answer(found[1], request)

    def _answer(self, flow: str, request: Request) -> Reply:
        code, value, quantity = NAMES[flow]
        wanted = {"CTY_CODE", "CTY_NAME", code, value, quantity, "UNIT_QY1"}
        names = request.query.get("get", "").split(",")
        if not set(names) <= wanted:
            return Reply(b"error: error: unknown variable", "text/plain", 400)
        first, last = re.fullmatch(r"from (\S+) to (\S+)", request.query["time"]).groups()  # type: ignore[union-attr]
        digits, asked = int(request.query["COMM_LVL"][2:]), request.query[code]
        rows = [
            {"CTY_CODE": country, "CTY_NAME": name, code: line, value: usd, quantity: kg, "UNIT_QY1": "KG", "time": at}
            for at, line, country, name, usd, kg in self._totals(flow, digits)
            if first <= at <= last and re.fullmatch(asked.replace("*", r"\d*"), line)
        ]
        if not rows:
            return Reply(b"", "application/json", 204)
        # what restricted the query is repeated behind what was asked for
        records = [[str(row[name]) for name in names] + [f"HS{digits}", row[code], row["time"]] for row in rows]
        return Reply(table([[*names, "COMM_LVL", code, "time"], *records]))

    def _totals(self, flow: str, digits: int) -> Iterator[tuple[str, str, str, str, int, int]]:
        """Rows by code of so many digits: countries, groups of them and the total."""
        places = {
            **{code: (name, (code,)) for code, name in COUNTRIES.items()},
            **GROUPS,
            "-": ("TOTAL FOR ALL COUNTRIES", tuple(COUNTRIES)),
        }
        for month in self.months:
            of_month = [row for row in self.rows[flow] if row[0] == month]
            for line in sorted({row[1][:digits] for row in of_month}):
                for place, (name, members) in places.items():
                    rows = [row for row in of_month if row[1].startswith(line) and row[2] in members]
                    if rows:
                        yield month, line, place, name, sum(row[3] for row in rows), sum(row[4] for row in rows)


def table(rows: list[list[str]]) -> bytes:
    """An answer as the API writes it: a line a record."""
    return ("[" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "]").encode()
