"""A made-up world of customs figures as monthly bulk files of Comtrade: `python -m benchmarks.made_up_world DIR 40`.

Writes a folder for `REE_OWN_FILES`: one gzip TSV for each month, with every reporter's imports from and exports to
every other one and the world. Sixty reporters and two codes make 14,640 records a month. Figures are drawn from a
seeded generator: a trade flow has a size of its own, months differ by a third, the exporter's report by a fifth.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sources.publishers.un_comtrade.parse.records import BULK_FIELDS

_FIRST_YEAR = 1994
_CONSTANT = {"typeCode": "C", "freqCode": "M", "partner2Code": "0", "classificationCode": "H6",
             "classificationSearchCode": "HS", "isOriginalClassification": "True", "customsCode": "C00", "mosCode": "0",
             "motCode": "0", "qtyUnitCode": "8", "isQtyEstimated": "False", "altQtyUnitCode": "-1", "altQty": "0.0",
             "isAltQtyEstimated": "False", "isNetWgtEstimated": "False", "grossWgt": "0.0",
             "isGrossWgtEstimated": "False", "legacyEstimationFlag": "0", "isReported": "False",
             "isAggregate": "True"}  # fmt: skip
_PROVENANCE = {"source_code": "un_comtrade", "layout": "comtrade_bulk", "known_basis": "stated",
               "known_from_note": "made up", "transcription": "original", "how": "made up", "publisher": "made up",
               "citation": "made up", "licence": "none", "redistribution": "none", "url": "https://example.org",
               "taken_from": "made up", "taken_on": "2026-11-25"}  # fmt: skip


@dataclass(frozen=True)
class World:
    """What a world has: `reporters` M49 codes, six-digit `codes`, the share of weights left out, a seed."""

    reporters: tuple[int, ...]
    codes: tuple[str, ...] = ("284690", "284610")
    without_weight: float = 0.05
    seed: int = 1


def world(
    n_reporters: int = 60,
    codes: tuple[str, ...] = ("284690", "284610"),
    seed: int = 1,
    *,
    without: tuple[str, ...] = ("CHN", "IND"),
) -> World:
    """A world of `n_reporters` areas of the publisher's vocabulary, China and India first unless they are left out.

    Of the others and of these codes the bundled snapshot holds no figures in this layout: made-up figures beside real
    ones of the same flows would be refused, as they should be.
    """
    labels = Path(__file__).parents[1] / "sources/publishers/un_comtrade/labels.csv"
    with labels.open(encoding="utf-8", newline="") as file:
        areas = {
            row["area_code"]: int(row["label"])
            for row in csv.DictReader(file)
            if row["vocabulary"] == "m49" and row["kind"] == "area"
        }
    ordered = {"CHN": areas["CHN"], "IND": areas["IND"]} | areas
    reporters = [number for code, number in ordered.items() if code not in without]
    return World(tuple(reporters[:n_reporters]), codes, seed=seed)


def month_of(number: int) -> str:
    """The month with this number, from 0: `199401`."""
    return f"{_FIRST_YEAR + number // 12}{number % 12 + 1:02}"


def write_month(made_up: World, number: int, path: Path, *, revision: int = 0) -> int:
    """Write the bulk file of one month; return its number of records. A `revision` changes a tenth of the figures."""
    month = month_of(number)
    flows = _flows(made_up, number, revision)
    lines = ["\t".join(BULK_FIELDS)]
    constant = _CONSTANT | {
        "refPeriodId": f"{month}01",
        "refYear": month[:4],
        "refMonth": str(int(month[4:])),
        "period": month,
    }
    template = "\t".join(constant.get(name, f"{{{name}}}") for name in BULK_FIELDS)
    lines += [template.format(**flow) for flow in flows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), compresslevel=1, mtime=0))
    return len(flows)


def _flows(made_up: World, number: int, revision: int) -> list[dict[str, str]]:
    """The records of a month: pairs of reporters by code, then each reporter's total."""
    size = np.random.default_rng(made_up.seed)
    n, k = len(made_up.reporters), len(made_up.codes)
    usual = size.lognormal(12, 2, (n, n, k))
    unit_value = size.lognormal(2, 0.5, (n, n, k))
    chance = np.random.default_rng((made_up.seed, number))
    value = np.round(usual * chance.lognormal(0, 0.3, (n, n, k)), 3)
    if revision:
        again = np.random.default_rng((made_up.seed, number, revision))
        value = np.where(again.random((n, n, k)) < 0.1, np.round(value * again.lognormal(0, 0.1, (n, n, k)), 3), value)
    weight = np.round(value / (unit_value * chance.lognormal(0, 0.1, (n, n, k))), 3)
    reports = {"X": value, "M": np.round(value * chance.lognormal(0.05, 0.2, (n, n, k)), 3)}
    missing = {flow: chance.random((n, n, k)) < made_up.without_weight for flow in reports}
    for square in reports.values():
        square[np.arange(n), np.arange(n)] = 0
    found = []
    for flow, square in reports.items():
        for at, reporter in enumerate(made_up.reporters):
            # square[exporter, importer]: a reporter's exports are its row, its imports its column
            mine, kg = (square[at], weight[at]) if flow == "X" else (square[:, at], weight[:, at])
            lost = missing[flow][at] if flow == "X" else missing[flow][:, at]
            for c, code in enumerate(made_up.codes):
                for other, partner in enumerate(made_up.reporters):
                    if other != at:
                        found.append(
                            _record(
                                flow, reporter, partner, code, mine[other, c], None if lost[other, c] else kg[other, c]
                            )
                        )
                total_kg = None if lost[:, c].any() else float(np.delete(kg[:, c], at).sum())
                found.append(_record(flow, reporter, 0, code, float(mine[:, c].sum()), total_kg))
    return found


def _record(flow: str, reporter: int, partner: int, code: str, value: float, kg: float | None) -> dict[str, str]:
    text, weight = f"{value:.3f}", "" if kg is None else f"{kg:.3f}"
    return {"reporterCode": str(reporter), "flowCode": flow, "partnerCode": str(partner), "cmdCode": code,
            "qty": weight or "0.0", "netWgt": weight, "cifvalue": text if flow == "M" else "",
            "fobvalue": text if flow == "X" else "", "primaryValue": text}  # fmt: skip


def write_world(
    folder: Path, made_up: World, months: range, *, revision: int = 0, known_from: str = "2026-11-20"
) -> int:
    """Write months of a world into a folder for `REE_OWN_FILES`, beside those it has; returns the number of records."""
    table = folder / "provenance.csv"
    rows = list(csv.DictReader(table.open(encoding="utf-8", newline=""))) if table.exists() else []
    records = 0
    for number in months:
        month = month_of(number)
        name = f"un_comtrade/world-{'+'.join(made_up.codes)}-{month}-{revision}.tsv.gz"
        records += write_month(made_up, number, folder / name, revision=revision)
        rows.append(
            _PROVENANCE
            | {"file": name, "partition": f"M/all/M+X/{'+'.join(made_up.codes)}/{month}", "year": month[:4],
               "edition": "", "release": f"{known_from}.{revision}", "known_from": known_from,
               "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(), "original_sha256": ""}
        )  # fmt: skip
    columns = (Path(__file__).parents[1] / "sources/snapshot/files/provenance.csv").open(encoding="utf-8").readline()
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns.strip().split(","))
        writer.writeheader()
        writer.writerows(rows)
    return records


if __name__ == "__main__":
    sys.stdout.write(f"{write_world(Path(sys.argv[1]), world(), range(int(sys.argv[2]))):,} records\n")
