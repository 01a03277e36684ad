"""Comtrade's records, bodies and bulk files, built by hand."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact
from sources.publishers.un_comtrade.parse.records import BULK_FIELDS
from tests.helpers.artifacts import artifact

RECORD: dict[str, Any] = {
    "typeCode": "C",
    "freqCode": "A",
    "refPeriodId": 20240101,
    "refYear": 2024,
    "refMonth": 52,
    "period": "2024",
    "reporterCode": 699,
    "reporterISO": None,
    "reporterDesc": None,
    "flowCode": "M",
    "flowDesc": None,
    "partnerCode": 156,
    "partnerISO": None,
    "partnerDesc": None,
    "partner2Code": 0,
    "partner2ISO": None,
    "partner2Desc": None,
    "classificationCode": "H6",
    "classificationSearchCode": "HS",
    "isOriginalClassification": True,
    "cmdCode": "284690",
    "cmdDesc": None,
    "aggrLevel": None,
    "isLeaf": None,
    "customsCode": "C00",
    "customsDesc": None,
    "mosCode": "0",
    "motCode": 0,
    "motDesc": None,
    "qtyUnitCode": 8,
    "qtyUnitAbbr": None,
    "qty": 250.0,
    "isQtyEstimated": False,
    "altQtyUnitCode": -1,
    "altQtyUnitAbbr": None,
    "altQty": 0.0,
    "isAltQtyEstimated": False,
    "netWgt": 250.0,
    "isNetWgtEstimated": False,
    "grossWgt": 0.0,
    "isGrossWgtEstimated": False,
    "cifvalue": 1000.0,
    "fobvalue": None,
    "primaryValue": 1000.0,
    "legacyEstimationFlag": 0,
    "isReported": False,
    "isAggregate": True,
}
"""India's imports of 284690 from China in 2024, invented figures, in the shape of a real record."""


def record(**changes: Any) -> dict[str, Any]:
    """One record of a body, with these fields changed; a changed period or value changes what else states it."""
    if isinstance(changes.get("primaryValue"), float):
        changes = {"cifvalue": changes["primaryValue"]} | changes
    found = re.fullmatch(r"([0-9]{4})([0-9]{2})?", str(changes.get("period")))
    if found is None:
        return RECORD | changes
    year, month = int(found[1]), int(found[2] or 52)
    return RECORD | {"refYear": year, "refMonth": month, "refPeriodId": year * 10_000 + 101} | changes


def body(*records: Any, **changes: Any) -> bytes:
    """A body of `preview` or `data` that holds these records."""
    whole = {"elapsedTime": "0.12 secs", "count": len(records), "data": list(records), "error": ""}
    return json.dumps(whole | changes).encode()


def many_partners(count: int) -> list[dict[str, Any]]:
    """`count` records that differ in reporter, partner or flow."""
    codes = [4, 8, 12, 32, 36, 40, 56, 76, 100, 124, 152, 156, 170, 203, 208, 246]
    flows = [(reporter, partner, flow) for reporter in codes for partner in codes for flow in ("M", "X")]
    return [
        record(reporterCode=reporter, partnerCode=partner, flowCode=flow) for reporter, partner, flow in flows[:count]
    ]


def bulk_text(*records: dict[str, Any]) -> bytes:
    """The tab-separated text inside a bulk file."""
    lines = [BULK_FIELDS, *([_cell(record[name]) for name in BULK_FIELDS] for record in records)]
    return "".join("\t".join(line) + "\n" for line in lines).encode()


def bulk(*records: dict[str, Any]) -> bytes:
    """A bulk file: gzip, one line per record, booleans as the publisher spells them."""
    return gzip.compress(bulk_text(*records), mtime=0)


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def comtrade(folder: Path, data: bytes, layout: str = "comtrade_preview", **known: Any) -> Artifact:
    """Bytes that say they are Comtrade's."""
    facts = {"source_code": "un_comtrade", "layout": layout, "name": "body-under-test", "year": 2024}
    facts |= {"partition": "A/CHN/M/2846/2024"}
    return artifact(folder, data, **(facts | known))


def re_exports(folder: Path) -> Artifact:
    """A body with re-exports, and imports by way of Hong Kong."""
    records = [record(), record(partner2Code=344), record(flowCode="RX"), record(flowCode="RX", partnerCode=392)]
    return comtrade(folder, body(*records), partition="A/IND/all/all/2024")
