"""The ledger of the landing: each line is read once, and what another process did to the file is seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from warehouse.storage import ledger as ledgers
from warehouse.storage.landing import Landing, write_durably
from warehouse.storage.ledger import ArtifactLedger


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


def line(n: int, partition: str = "A", source_code: str = "usgs_mcs") -> str:
    return json.dumps({"source_code": source_code, "partition": partition, "sha256": str(n)}) + "\n"


def add(file: Path, text: str) -> None:
    with file.open("a") as lines:
        lines.write(text)


def hashes(ledger: ArtifactLedger) -> list[str]:
    return [entry.row["sha256"] for entry in ledger.all_entries()]


def test_a_line_is_parsed_once_however_often_the_ledger_is_read_or_appended_to(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[bytes] = []
    monkeypatch.setattr(ledgers.json, "loads", lambda data, loads=json.loads: parsed.append(data) or loads(data))
    ledger = ArtifactLedger(file)
    for n in range(0, 10, 2):
        add(file, line(n))
        ledger.append(json.loads(line(n + 1)))
        assert hashes(ledger) == [str(number) for number in range(n + 2)]
    own = 5
    assert len(parsed) == 5 + own, "five lines of another process, and the five that this test parses itself"


def test_a_line_counts_when_its_end_is_there(file: Path) -> None:
    ledger = ArtifactLedger(file)
    add(file, line(1) + line(2)[:9])
    assert hashes(ledger) == ["1"]
    add(file, line(2)[9:])
    assert hashes(ledger) == ["1", "2"]


def test_a_file_that_was_replaced_shortened_or_removed_is_read_from_its_start(file: Path) -> None:
    ledger = ArtifactLedger(file)
    add(file, line(1) + line(2))
    assert hashes(ledger) == ["1", "2"]
    write_durably(file, (line(3) + line(4) + line(5)).encode())
    assert hashes(ledger) == ["3", "4", "5"]
    file.write_text(line(6))
    assert hashes(ledger) == ["6"]
    file.unlink()
    assert hashes(ledger) == []


def test_entries_are_found_by_publisher_and_partition_in_order(file: Path) -> None:
    ledger = ArtifactLedger(file)
    add(file, line(1) + line(2, "B") + line(3, source_code="bgs_wms") + line(1) + line(4))
    found = [(entry.sequence, entry.row["sha256"]) for entry in ledger.entries("usgs_mcs", "A")]
    assert found == [(3, "1"), (4, "4")], "the same bytes again replace the line before"
    assert [entry.sequence for entry in ledger.all_entries("bgs_wms")] == [2]
    assert ledger.entries("usgs_mcs", "C") == []


def test_a_landing_sees_what_another_one_landed(tmp_path: Path, offer) -> None:
    first, second = (Landing(tmp_path / "landing") for _ in range(2))
    assert first.land([offer(b"1", partition="A")]) == 1
    assert second.land([offer(b"1", partition="A"), offer(b"2", partition="B")]) == 1
    assert first.land([offer(b"2", partition="B"), offer(b"3", partition="C")]) == 1
    assert {item.artifact.partition for item in second.landed()} == {"A", "B", "C"}
