"""Identify a body of UN Comtrade's API or a bulk file that a person downloaded: one statement a reporter and period."""

from __future__ import annotations

import gzip
import re
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sources.model.artifact import (
    Artifact,
    LayoutError,
    TruncatedError,
    UnknownLabelError,
    artifact_dropped,
    artifact_of_file,
)
from sources.model.partition import ALL
from sources.model.paths import project_path
from sources.model.products import HS_CODES
from sources.publishers.un_comtrade.fetch.extract import data_sets_in, require_whole, write_extract
from sources.publishers.un_comtrade.fetch.planning import DataSet
from sources.publishers.un_comtrade.fetch.statements import file_name, write_joined
from sources.publishers.un_comtrade.parse.records import BULK_FIELDS, FLOW_CODES, read_body
from sources.publishers.un_comtrade.parse.shaping import other_flows
from sources.publishers.un_comtrade.parse.via import VIA_LAYOUT
from sources.publishers.un_comtrade.partition import Partition
from sources.reading.layouts import declared
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
_GZIP = b"\x1f\x8b"
_ALL = re.compile(r"(?<![a-z])all(?![a-z])", re.IGNORECASE)
_PERIOD = {"A": re.compile(r"(?:19|20)\d\d"), "M": re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])")}
_AGAIN = "download it again, and drop it unchanged."
Record = dict[str, Any]


def receive(path: Path, received_on: date, folder: Path) -> tuple[Artifact, ...]:
    """Say what a dropped file is: a statement for each reporter and period in it, known from the day it was dropped.

    A bulk file (gzip, or its unpacked TSV) has all flows and codes. A body of `preview` or `get` has those it was asked
    for: all of them if its name has the word `all`, or if imports, exports and every followed code are in it. Otherwise
    it is a statement of the flows and codes it holds, and replaces nothing of the others. Its records by second partner
    are a statement of their own, beside the one of the flows themselves.

    Raises:
        LayoutError: no body and no bulk file, fields or columns lost, or none of the followed codes.
        TruncatedError: a file that ends early, an empty body, or one as long as a page may be.
        UnknownLabelError: a reporter that is not known.
    """
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    download = artifact_dropped(path, about, received_on, "comtrade_joined")
    with path.open("rb") as file:
        start = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(_GZIP):
        return _of_bulk_file(download, path, folder)
    if b"\t" in start.split(b"\n", 1)[0]:
        packed = folder / "bulk.gz"
        with path.open("rb") as plain, gzip.open(packed, "wb") as target:
            shutil.copyfileobj(plain, target, 1 << 20)
        return _of_bulk_file(download, packed, folder)
    if start.startswith(b"{"):
        return _of_body(download, folder)
    raise LayoutError(path.name, "is neither a JSON body of Comtrade nor a bulk file.", _AGAIN)


def _of_bulk_file(download: Artifact, packed: Path, folder: Path) -> tuple[Artifact, ...]:
    require_whole(download.name, packed)
    data_sets = data_sets_in(download.name, packed)
    if not data_sets:
        raise _none_followed(download)
    artifacts = []
    for data_set in data_sets:
        _require_known(download, data_set)
        target = folder / f"bulk {data_set.partition}.gz".replace("/", " ")
        write_extract(download.name, packed, data_set, target)
        artifacts.append(_extract(download, target, data_set.partition, data_set.year, "comtrade_bulk", "tsv.gz"))
    return tuple(artifacts)


def _of_body(download: Artifact, folder: Path) -> tuple[Artifact, ...]:
    records = read_body(download)
    _require_complete(download, records)
    followed = [record for record in records if record["cmdCode"] in HS_CODES]
    if not followed:
        raise _none_followed(download)
    flows, codes = _scope_of(download, followed)
    via = _second_partners_of(followed, is_whole=not codes)
    by_data_set: dict[tuple[DataSet, bool], list[Record]] = {}
    for record in followed:
        data_set = DataSet(record["freqCode"], record["reporterCode"], str(record["period"]))
        by_data_set.setdefault((data_set, bool(record["partner2Code"])), []).append(record)
    artifacts = []
    for (data_set, is_via), own in by_data_set.items():
        _require_known(download, data_set)
        scope = replace(Partition.parse(data_set.partition), flows=flows, codes=codes, via=via if is_via else None)
        partition = str(scope)
        if len(own) == len(records):
            name, layout = file_name(partition, "json"), VIA_LAYOUT if is_via else _page_layout(records)
            return (replace(download, name=name, layout=layout, partition=partition, year=data_set.year),)
        joined = write_joined(folder, partition, own)
        layout = VIA_LAYOUT if is_via else "comtrade_joined"
        artifacts.append(_extract(download, joined, partition, data_set.year, layout, "json"))
    return tuple(artifacts)


def _extract(download: Artifact, path: Path, partition: str, year: int, layout: str, ending: str) -> Artifact:
    kept = {name: getattr(download, name) for name in ("source_code", "release", "known_from", "known_basis", "url")}
    return artifact_of_file(
        path,
        **kept,
        name=file_name(partition, ending),
        layout=layout,
        partition=partition,
        year=year,
        transcription="extract",
        original_sha256=download.sha256,
    )


def _require_complete(download: Artifact, records: Sequence[Record]) -> None:
    """Every record has its fields, and there are fewer than a page may have."""
    if not records:
        raise TruncatedError(
            download, "holds no record: not published yet, or a wrong code; not zero trade.", "ask for another period."
        )
    if len(records) in _caps().values():
        raise TruncatedError(
            download,
            f"holds {len(records)} records, as many as a page may: it may be cut.",
            "ask for fewer periods, flows or codes at a time.",
        )
    for number, record in enumerate(records, 1):
        if lost := sorted(set(BULK_FIELDS) - set(record)):
            raise LayoutError(download, f"lacks {lost} in record {number}.", _AGAIN)


def _require_known(download: Artifact, data_set: DataSet) -> None:
    """A reporter and a period that are known."""
    if str(data_set.reporter) not in load_vocabulary(_HERE / "labels.csv", "m49").entries:
        raise UnknownLabelError(
            download,
            f"is of the reporter {data_set.reporter!r}, which is not known.",
            f"add it to the vocabulary m49 of {project_path(_HERE / 'labels.csv')}.",
        )
    pattern = _PERIOD.get(data_set.frequency)
    if pattern is None or not pattern.fullmatch(data_set.period):
        raise LayoutError(
            download,
            f"is of frequency {data_set.frequency!r} and period {data_set.period!r}.",
            "ask for years (A) or months (M).",
        )


def _scope_of(download: Artifact, records: Sequence[Record]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The flows and codes a body is a statement of; empty where it is one of all.

    Re-exports and the like count as their direction: a body of imports and re-exports has imports and exports.
    """
    others = other_flows()
    found_codes, found_flows = ({record[name] for record in records} for name in ("cmdCode", "flowCode"))
    codes = tuple(code for code in HS_CODES if code in found_codes)
    directions = {FLOW_CODES.get(word) or others.get(word, ("",))[0] for word in found_flows}
    flows = tuple(word for word, direction in FLOW_CODES.items() if direction in directions)
    has_whole_flows = not found_flows.isdisjoint(FLOW_CODES)
    if _ALL.search(download.name) or (codes == HS_CODES and found_flows.issuperset(FLOW_CODES)):
        return (), ()
    if not flows or not (has_whole_flows or all(record["partner2Code"] for record in records)):
        raise LayoutError(
            download,
            f"holds the flows {sorted(map(str, found_flows))}, neither imports nor exports.",
            "ask for all flows, and put the word all into the file's name.",
        )
    return flows, codes


def _second_partners_of(records: Sequence[Record], *, is_whole: bool) -> str:
    """The second partners a body is a statement of, as a partition names them.

    They are the hubs that it holds: all hubs if it `is_whole`, which is one of all flows and codes. A body with any
    other second partner is a statement of all of them.
    """
    hubs: list[int] = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))["live"]["hubs"]
    found = {record["partner2Code"] for record in records if record["partner2Code"]}
    if not found <= set(hubs):
        return ALL
    return "+".join(str(hub) for hub in hubs if is_whole or hub in found)


def _none_followed(download: Artifact) -> LayoutError:
    return LayoutError(
        download, "holds no total of a code that the warehouse follows.", f"ask for cmdCode={','.join(HS_CODES)}."
    )


def _caps() -> Mapping[str, int]:
    """How many records a page of each layout may have."""
    return {row["id"]: row["cap"] for row in declared(_HERE)["layout"] if "cap" in row}


def _page_layout(records: Sequence[Record]) -> str:
    """The layout of a whole page: the one with the smallest cap above its length."""
    fitting = {cap: layout for layout, cap in _caps().items() if cap > len(records)}
    return fitting[min(fitting)] if fitting else "comtrade_joined"
