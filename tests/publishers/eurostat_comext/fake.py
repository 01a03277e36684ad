"""A fake Eurostat: monthly files of all goods by a redirect to storage, made as 7z with the publisher's own columns.

Kilograms of 8505.11 with the United Kingdom in June 2026 are real ones; euros, other flows and months are INVENTED.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field

import py7zr

from tests.fakes.server import Reply, Request

FOLDER = "comext/COMEXT_DATA/PRODUCTS/"
COLUMNS = (
    *("REPORTER", "PARTNER", "TRADE_TYPE", "PRODUCT_NC", "PRODUCT_SITC", "PRODUCT_CPA21", "PRODUCT_CPA22"),
    *("PRODUCT_BEC", "PRODUCT_BEC5", "PRODUCT_SECTION", "FLOW", "STAT_PROCEDURE", "SUPPL_UNIT", "PERIOD"),
    *("VALUE_EUR", "VALUE_NAC", "QUANTITY_KG", "QUANTITY_SUPPL_UNIT"),
)
Flow = tuple[str, str, str, str, str, str, int, int]
"""Reporter, partner, type of trade, line, flow, procedure, euros, kg."""
FLOWS: tuple[Flow, ...] = (
    ("IT", "GB", "E", "85051110", "2", "1", 262_000, 3_023),
    ("FR", "GB", "E", "85051110", "1", "1", 136_600, 12_662),
    ("DE", "GB", "E", "85051110", "2", "1", 108_600, 2_435),
    ("FR", "GB", "E", "85051110", "2", "1", 102_400, 1_301),
    ("DE", "GB", "E", "85051190", "1", "1", 795_000, 19_377),
    ("DE", "CN", "E", "85051110", "1", "1", 20_000_000, 400_000),
    ("DE", "CN", "E", "85051110", "1", "2", 500_000, 10_000),
    ("GR", "CN", "E", "28469090", "1", "1", 9_000, 700),
    ("DE", "AT", "I", "85051110", "1", "1", 60_000, 900),
    ("DK", "GB", "E", "850511XX", "1", "1", 140, 3),
    ("DE", "QR", "I", "85051110", "2", "1", 70, 1),
)


@dataclass
class FakeComext:
    """The files: flows by month (`202606`), the archive that is made of them, and what is done to its bytes."""

    months: dict[str, list[Flow]] = field(default_factory=lambda: {"202605": list(FLOWS), "202606": list(FLOWS)})
    columns: tuple[str, ...] = COLUMNS
    others: int = 200
    damage: Callable[[bytes], bytes] = lambda data: data
    sends_validators: bool = True
    _archives: dict[str, bytes] = field(default_factory=dict, repr=False)

    def publish(self, month: str) -> None:
        """A month comes out, as the one before."""
        self.months[month] = list(FLOWS)

    def revise(self, month: str, factor: float) -> None:
        """Correct a month's values."""
        self.months[month] = [(*flow[:6], round(flow[6] * factor), flow[7]) for flow in self.months[month]]
        self._archives.pop(month, None)

    def __call__(self, request: Request) -> Reply:
        """Respond to one request: the directory, a redirect to storage, or the file there."""
        if request.path.startswith("/storage/"):
            return self._file(request)
        if "dir" in request.query:
            names = "\n".join(f"full_v2_{month}.7z" for month in sorted(self.months))
            return Reply(f"NAME\n{names}\n".encode(), "text/csv")
        name = request.query.get("file", "").removeprefix(FOLDER)
        if request.path.rstrip("/") != "/files" or name[8:14] not in self.months:
            return Reply(b'{"error":[{"status":404,"label":"file not found"}]}', status=404)
        return Reply(b"", "text/plain", 302, {"Location": f"/storage/{name}?X-Amz-Signature=0123456789abcdef01234567"})

    def _file(self, request: Request) -> Reply:
        body = self.archive(request.path.rsplit("/", 1)[-1][8:14])
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": etag} if self.sends_validators else {}
        if self.sends_validators and request.headers.get("if-none-match") == etag:
            return Reply(b"", status=304, headers=headers)
        return Reply(body, "application/x-7z-compressed", headers=headers)

    def archive(self, month: str) -> bytes:
        """The 7z of a month."""
        if month not in self._archives:
            packed = io.BytesIO()
            with py7zr.SevenZipFile(packed, "w") as archive:
                archive.writestr(self.text(month), f"full_{month}.dat")
            self._archives[month] = self.damage(packed.getvalue())
        return self._archives[month]

    def text(self, month: str) -> str:
        """The CSV of a month: our flows among other goods."""
        others: list[Flow] = [
            ("DE", "US", "E", f"{10_000_000 + 7919 * number}", "1", "1", 997 * number, 850511)
            for number in range(self.others)
        ]
        lines = [",".join(self.columns)]
        for reporter, partner, trade, line, flow, procedure, euros, kg in sorted([*others, *self.months[month]]):
            row = dict.fromkeys(COLUMNS, "0") | {
                "REPORTER": reporter, "PARTNER": partner, "TRADE_TYPE": trade, "PRODUCT_NC": line, "FLOW": flow,
                "STAT_PROCEDURE": procedure, "SUPPL_UNIT": "NO_SU", "PERIOD": month, "VALUE_EUR": str(euros),
                "VALUE_NAC": "", "QUANTITY_KG": str(kg), "QUANTITY_SUPPL_UNIT": "",
            }  # fmt: skip
            lines.append(",".join(row.get(name, "") for name in self.columns))
        return "\n".join(lines) + "\n"
