"""The publisher's own list of data sets, as its client's notebook recorded it; skipped without REE_PUBLISHER_FILES."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.server import Reply, Request

RECORDED = "comtrade/interface/comtradeapicall_recorded_outputs.json"


@pytest.fixture
def recorded(publisher_files: Path) -> list[dict[str, Any]]:
    """The rows of the recorded answer of `getDA` for 2021, in their own fields."""
    outputs = json.loads((publisher_files / RECORDED).read_text(encoding="utf-8"))["outputs"]
    table = next(o["html_table"] for o in outputs if o["function"] == "getFinalDataAvailability")
    names = [name for name in re.findall("<th>([^<]*)</th>", table) if name and not name.isdigit()]
    cells = re.findall("<td>([^<]*)</td>", table)
    rows = [cells[at : at + len(names)] for at in range(0, len(cells), len(names))]
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.mark.parametrize("spelling", [str, lambda name: name[0].upper() + name[1:]], ids=["small", "capital"])
@pytest.mark.parametrize("period", [str, int])
@pytest.mark.parametrize("has_count", [True, False])
def test_a_recorded_list_gives_the_day_of_each_reporter_and_period(
    harness, server, live, recorded, spelling, period, has_count
):
    live(groups=[[24], [31], [32], [36], [40]], frequencies=["A"])
    entries = [
        {spelling(name): value for name, value in (row | {"period": period(row["period"])}).items()} for row in recorded
    ]
    envelope = ({"count": len(entries)} if has_count else {}) | {"elapsedTime": "0.2 secs", "data": entries}
    fake = server.responder

    def respond(request: Request) -> Reply:
        return Reply(json.dumps(envelope).encode()) if "getD" in request.path else fake(request)

    server.responder = respond
    session = harness(2021)
    session.catalogue = session.fetcher.discover(session.context())
    days = {reporter: dates["2021"][:10] for reporter, dates in session.catalogue["listed"]["A"].items()}
    assert days == {
        "24": "2022-10-06", "31": "2022-05-03", "32": "2022-06-14", "36": "2022-03-30", "40": "2022-05-27",
    }  # fmt: skip
