"""A fake TradeStat: a Laravel site with a token, a cookie and two banks, with the bundled figures.

Months of 2846 by partner are those of the bundled extract, and a year to date is their sum. Of the lines' quantities
only years are bundled: a month is a twelfth, so that December prints the real year. A month that is published later
repeats that of the year before. Other codes have no record. The partners of 2023-04 to 2024-03 are as wrong as the
portal's; those of imports in calendar 2024 are right in the reports of December, as they were there.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import sources.snapshot.reader
from tests.fakes.server import Reply, Request
from tests.publishers.india_tradestat import fake_pages as html

_FILES = Path(sources.snapshot.reader.__file__).parent / "files" / "india_tradestat"
_COOKIE = "indiatrade-session"
_FIRST = "2018-01"
_CHINA = "CHINA P RP"
_TOTAL = "Total (printed)"
_WHOLE_YEAR = 12
_PREFIXES = {"import": "cwacim", "export": "cwacex"}
_YEARLY_FIELDS = {
    "import": ["ContEidbi", "ContEidbyi", "ReportEidbi"],
    "export": ["ContEidbe", "ContEidbey", "ReportEidbe"],
}
_MONTHLY_UNITS = {"1": "usd", "2": "quantity", "3": "inr"}
_YEARLY_UNITS = {"1": "inr", "2": "usd", "3": "quantity"}

Key = tuple[str, str, str]
"""Code, flow and month."""


class FakeTradeStat:
    """Answers as the portal does. Months are "2026-06"; figures in US$ million, kg and rupees crore.

    `prefixes` are those of the monthly form's fields by flow; `has_controls` false leaves the token alone in the forms.
    """

    def __init__(self, prefixes: Mapping[str, str] | None = None, *, has_controls: bool = True) -> None:
        self.prefixes = dict(prefixes or _PREFIXES)
        self.has_controls = has_controls
        self.updated = "07/08/2026"
        self.guarded_by = "input"  # or "meta", or "refresh": where the token is
        self.reports = 0
        self._sessions: dict[str, str] = {}
        self._begun = 0
        self._extra: tuple[str, ...] = ()
        self._unpublished: set[str] = set()
        self._no_record: set[str] = set()
        self._signs_in = False
        self._no_table = False
        self._partners: dict[Key, dict[str, float]] = defaultdict(dict)
        self._totals: dict[Key, float] = {}
        self._calendar: dict[str, dict[str, float]] = defaultdict(dict)
        self._kg: dict[Key, dict[str, int]] = defaultdict(dict)
        self._exports: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(dict)
        self._read_figures()

    # how the portal misbehaves in its own way

    def expire_sessions(self) -> None:
        """Every session is over: forms sent with its token are answered with 419."""
        self._sessions.clear()

    def revise(self, month: str, partner: str, factor: float, flow: str = "import") -> None:
        """Another figure for one partner, and for the total with it."""
        key = ("2846", flow, month)
        was = self._partners[key][partner]
        self._partners[key][partner] = round(was * factor, 2)
        self._totals[key] = round(self._totals[key] + self._partners[key][partner] - was, 2)

    def withdraw(self, month: str) -> None:
        """The month shows 0.00 everywhere."""
        self._unpublished.add(month)

    def publish(self, month: str) -> None:
        """The month is out: with its figures if it had any, else with those of the year before."""
        self._unpublished.discard(month)
        year = f"{int(month[:4]) - 1}{month[4:]}"
        for flow in ("import", "export"):
            if ("2846", flow, month) not in self._totals:
                self._partners["2846", flow, month] = dict(self._partners["2846", flow, year])
                self._totals["2846", flow, month] = self._totals["2846", flow, year]

    def change_columns(self) -> None:
        """The reports gain a column."""
        self._extra = ("Rank",)

    def lose_record(self, month: str) -> None:
        """The month answers that there is no record."""
        self._no_record.add(month)

    def leave_out_tables(self) -> None:
        """Instead of a report there is only the form, with what was asked for in it."""
        self._no_table = True

    def ask_to_sign_in(self) -> None:
        """Whatever is asked for, a page to sign in is shown."""
        self._signs_in = True

    def restore(self) -> None:
        """Columns, records and signing in are as they were."""
        self._extra, self._signs_in, self._no_table = (), False, False
        self._no_record.clear()

    # what it answers

    def __call__(self, request: Request) -> Reply:
        bank, _, page = request.path.strip("/").partition("/")
        flow = page.rpartition("_")[2]
        reports = {"meidb": "commodity_wise_all_countries", "eidb": "commodityx_countries_wise"}
        if request.path == "/refresh-csrf":
            session, headers = self._session(request)
            return Reply(b'{"token": "%s"}' % self._sessions[session].encode(), headers=headers)
        if page != f"{reports.get(bank)}_{flow}" or flow not in _PREFIXES:
            return Reply(html.EXPIRED.replace(b"419", b"404"), "text/html; charset=UTF-8", 404)
        if request.method == "POST" and not self._is_known(request):
            return Reply(html.EXPIRED, "text/html; charset=UTF-8", 419)
        session, headers = self._session(request)
        token = self._sessions[session]
        if self._signs_in:
            form = html.form("/login", token, '<input type="text" name="email"><input type="password" name="password">')
            return self._page(form, "", token, headers)
        report = ""
        if request.method == "POST":
            if not all(request.form.get(name) for name in self._fields(bank, flow)):
                return Reply(b"", "text/html", 302, {"Location": request.path, **headers})
            report = self._monthly(flow, request.form) if bank == "meidb" else self._yearly(flow, request.form)
            report = "" if self._no_table else report
            self.reports += 1
        controls = self._controls(bank, flow, request.form) if self.has_controls else ""
        form = html.form(request.path, token if self.guarded_by == "input" else "", controls)
        return self._page(form, report, token, headers)

    def _page(self, form: str, report: str, token: str, headers: dict[str, str]) -> Reply:
        shown = token if self.guarded_by in ("input", "meta") else ""
        body = html.page(form, report, shown, self.updated, "2017-2018 to 2025-2026")
        return Reply(body, "text/html; charset=UTF-8", headers=headers)

    def _session(self, request: Request) -> tuple[str, dict[str, str]]:
        session = _cookie_of(request)
        if session not in self._sessions:
            self._begun += 1
            session = f"session{self._begun:04}"
            self._sessions[session] = f"tokenOf{session}aBcDeFgHiJkLmNoPqRsT"
        return session, {"Set-Cookie": f"{_COOKIE}={session}; Max-Age=900; path=/; httponly; samesite=lax"}

    def _is_known(self, request: Request) -> bool:
        token = self._sessions.get(_cookie_of(request))
        return token is not None and request.form.get("_token") == token and "referer" in request.headers

    def _fields(self, bank: str, flow: str) -> list[str]:
        if bank == "meidb":
            names = ("HSCODE", "Month", "Year", "ReportVal", "ReportYear")
            return [f"{self.prefixes[flow]}{name}" for name in names]
        return ["searchTerm", *_YEARLY_FIELDS[flow]]

    def _controls(self, bank: str, flow: str, held: Mapping[str, str]) -> str:
        """The form's controls, with what was sent in them."""
        names = self._fields(bank, flow)
        newest = max(int(month[:4]) for _, _, month in self._totals if month not in self._unpublished)
        years = [(str(year), str(year)) for year in range(newest, 2017, -1)]
        if bank == "meidb":
            code, month, year, unit, counted = names
            return (
                f'<input type="search" value="{held.get(code, "")}" name="{code}" id="{code}" maxLength="8">'
                '<input type="hidden" name="hscode_value" value="">'
                '<input type="hidden" name="description_value" value="">'
                + html.select(month, [(str(n), html.MONTHS[n]) for n in range(1, 13)], held.get(month, "1"))
                + html.select(year, years, held.get(year, ""))
                + html.select(unit, [("1", "US $ Million"), ("3", "₹ Crore"), ("2", "Quantity")])
                + html.select(counted, [("1", "Financial Year"), ("2", "Calendar Year")])
            )
        code, country, year, unit = names
        fiscal = [(str(y), f"{y}-{y + 1}") for y in range(2025, 2016, -1)]
        return (
            f'<input type="search" value="{held.get(code, "")}" name="{code}" maxLength="8"><label>Country:</label>'
            + html.select(country, [("", "Select Country"), *html.COUNTRIES])
            + html.select(year, fiscal, held.get(year, ""))
            + html.select(unit, [("2", "US $ Million"), ("1", "₹ Crore"), ("3", "Quantity")])
        )

    def _monthly(self, flow: str, form: Mapping[str, str]) -> str:
        code, month, year, unit, counted = (form[name] for name in self._fields("meidb", flow))
        measure, asked = _MONTHLY_UNITS[unit], f"{year}-{int(month):02}"
        if asked in self._no_record or (measure == "quantity" and len(code) != 8) or counted != "2":
            return html.NO_RECORD
        months = [f"{int(year) - 1}-{int(month):02}", asked]
        columns = [[months[0]], [months[1]], *([f"{m[:4]}-{n:02}" for n in range(1, int(month) + 1)] for m in months)]
        stated = [self._stated(code, flow, measure, periods) for periods in columns]
        partners = sorted({partner for each in stated for partner in each[0]})
        is_out = [any(self._is_out(m) for m in periods) for periods in columns]
        if measure == "quantity" and not partners:
            return html.NO_RECORD
        if not partners and any(is_out[:2]) and is_out[1]:
            return html.NO_RECORD
        cell = "{:,.0f}" if measure == "quantity" else "{:,.2f}"
        rows = [[partner, *(cell.format(each[0].get(partner, 0)) for each in stated)] for partner in partners]
        totals = [["Total", *(cell.format(each[1]) for each in stated)]]
        if measure != "quantity":
            national = ["309,667.67" if out else "0.00" for out in is_out]
            totals.append([f"India's Total {flow.capitalize()}", *national])
        short = html.MONTHS[int(month)][:3]
        names = [f"{short}-{m[:4]}\n\n   {self._flag(m)} " for m in months]
        names += [f"Jan-{short}{m[:4]}\n   {self._flag(m)}" for m in months]
        return html.monthly_report(
            code, flow, measure, periods=names, rows=rows, totals=totals, dated="23 Aug 2026", extra=self._extra
        )

    def _stated(self, code: str, flow: str, measure: str, months: list[str]) -> tuple[dict[str, float], float]:
        """Partners and total of a period; a month's total as printed, a longer period's the sum of its partners."""
        out = [month for month in months if self._is_out(month)]
        if measure == "quantity":
            added: dict[str, float] = defaultdict(float)
            for month in out:
                for partner, kg in self._kg[code, flow, month].items():
                    added[partner] += kg
            partners = {partner: kg for partner, kg in added.items() if kg}
            return partners, sum(partners.values())
        if len(out) == _WHOLE_YEAR and (code, flow) == ("2846", "import") and out[0][:4] in self._calendar:
            partners = dict(self._calendar[out[0][:4]])
            return partners, partners.pop(_TOTAL)
        sums: dict[str, float] = defaultdict(float)
        for month in out:
            for partner, value in self._partners.get((code, flow, month), {}).items():
                sums[partner] += value
        rounded = {partner: round(value, 2) for partner, value in sums.items()}
        if len(months) == 1:
            return rounded, self._totals.get((code, flow, out[0]), 0.0) if out else 0.0
        return rounded, round(sum(rounded.values()), 2)

    def _is_out(self, month: str) -> bool:
        return ("2846", "import", month) in self._totals and month not in self._unpublished

    def _flag(self, month: str) -> str:
        return "(A)" if not self._is_out(month) else "(F)" if month > "2026-03" else "(R)"

    def _yearly(self, flow: str, form: Mapping[str, str]) -> str:
        code, country, year, unit = (form[name] for name in self._fields("eidb", flow))
        measure = _YEARLY_UNITS[unit]
        years = [f"{y}-{y + 1}" for y in range(int(year) - 4, int(year) + 1)]
        china = [self._exports[code, _CHINA].get(y, {}).get(measure, "") for y in years]
        world = [self._exports[code, _TOTAL].get(y, {}).get(measure, "") for y in years]
        if flow == "import" or country != "77" or not any(china):
            return html.NO_RECORD
        printed = [y.replace("-", " - ") for y in years]
        cell = "{:,.0f}" if measure == "quantity" else "{:,.2f}"
        cells = [[cell.format(float(value)) if value else "" for value in row] for row in (china, world)]
        return html.yearly_report(
            code, flow, measure, years=printed, china=cells[0], world=cells[1], dated="23 Aug 2026"
        )

    def _read_figures(self) -> None:
        for row in _rows("meidb_2846_partners_*.csv"):
            month = self._partners[row["hs4"], row["flow"], row["period"]]
            month[row["partner_country"]] = float(row["value_usd_million"])
        for row in _rows("meidb_2846_totals_*.csv"):
            self._totals[row["hs4"], row["flow"], row["period"]] = float(row["total_usd_million"])
        for row in _rows("meidb_2846_calendar_usd_*.csv"):
            self._calendar[row["calendar_year"]][row["partner_country"]] = float(row["value_usd_million"])
        for row in _rows("meidb_2846_lines_month_kg_*.csv"):
            if not row["partner_country"].startswith("Total"):
                self._kg[row["hs8"], row["flow"], row["period"]][row["partner_country"]] = int(row["quantity"])
        for row in _rows("eidb_exports_lines_*.csv"):
            self._exports[row["hs8"], row["country"]][row["financial_year"]] = {
                "usd": row["export_value_usd_million"],
                "inr": row["export_value_inr_crore"],
                "quantity": row["quantity"],
            }


@cache
def _rows(pattern: str) -> list[dict[str, str]]:
    rows = []
    for path in sorted(_FILES.glob(pattern)):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows += list(csv.DictReader(file))
    return rows


def _cookie_of(request: Request) -> str:
    pairs = [pair.strip().partition("=") for pair in request.headers.get("cookie", "").split(";")]
    return next((value for name, _, value in pairs if name == _COOKIE), "")
