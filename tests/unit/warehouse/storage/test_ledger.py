"""The ledger of the landing: each line is read once, and a line that was lost or changed is found."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.storage import ledger as ledgers
from warehouse.storage.landing import Landing, write_durably
from warehouse.storage.ledger import ArtifactLedger, LedgerError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


def row(n: int, partition: str = "A", source_code: str = "usgs_mcs", **fields: Any) -> dict[str, Any]:
    return {
        "source_code": source_code,
        "name": f"{n}.csv",
        "layout": "mcs2025",
        "partition": partition,
        "year": 2025,
        "edition": None,
        "release": "1.0",
        "known_from": "2025-01-31",
        "known_basis": "stated",
        "transcription": "extract",
        "url": "https://example.org/",
        "sha256": f"{n:064d}",
        "original_sha256": None,
        "landed_at": "2025-02-01T00:00:00+00:00",
        "bytes": 1,
    } | fields


def line(n: int, partition: str = "A", source_code: str = "usgs_mcs") -> str:
    """A line as older versions wrote it, without a check."""
    return json.dumps(row(n, partition, source_code)) + "\n"


def add(file: Path, text: str) -> None:
    with file.open("a") as lines:
        lines.write(text)


def hashes(ledger: ArtifactLedger) -> list[str]:
    return [entry.row["sha256"].lstrip("0") for entry in ledger.all_entries()]


def written(file: Path, numbers: range, older: int = 0) -> list[str]:
    """A ledger of these artifacts, the first `older` of them written by an older version; its lines."""
    add(file, "".join(line(n, f"P{n}") for n in numbers[:older]))
    ledger = ArtifactLedger(file)
    for n in numbers[older:]:
        ledger.append(row(n, f"P{n}"))
    return file.read_text().splitlines(keepends=True)


def problems(file: Path) -> list[tuple[int, str]]:
    return [(problem.line, problem.what) for problem in ArtifactLedger(file).problems()]


def test_a_line_is_parsed_once_however_often_the_ledger_is_read_or_appended_to(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[bytes] = []
    monkeypatch.setattr(ledgers.json, "loads", lambda data, loads=json.loads: parsed.append(data) or loads(data))
    ledger, other = ArtifactLedger(file), ArtifactLedger(file)
    for n in range(1, 11, 2):
        other.append(row(n))
        ledger.append(row(n + 1))
        assert hashes(ledger) == [str(number) for number in range(1, n + 2)]
    of_the_other = 4
    assert len(parsed) == 5 + of_the_other, "each reads only what the other one wrote before it"


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
    found = [(entry.sequence, entry.row["sha256"].lstrip("0")) for entry in ledger.entries("usgs_mcs", "A")]
    assert found == [(3, "1"), (4, "4")], "the same bytes again replace the line before"
    assert [entry.sequence for entry in ledger.all_entries("bgs_wms")] == [2]
    assert ledger.entries("usgs_mcs", "C") == []


def test_a_landing_sees_what_another_one_landed(tmp_path: Path, offer) -> None:
    first, second = (Landing(tmp_path / "landing") for _ in range(2))
    assert first.land([offer(b"1", partition="A")]) == 1
    assert second.land([offer(b"1", partition="A"), offer(b"2", partition="B")]) == 1
    assert first.land([offer(b"2", partition="B"), offer(b"3", partition="C")]) == 1
    assert {item.artifact.partition for item in second.landed()} == {"A", "B", "C"}


@pytest.mark.parametrize("older", [0, 3, 6], ids=["numbered", "mixed", "older"])
def test_a_ledger_as_it_was_written_has_no_problem(file: Path, older: int) -> None:
    written(file, range(1, 7), older)
    assert problems(file) == []
    assert hashes(ArtifactLedger(file)) == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize("older", [0, 3])
@pytest.mark.parametrize("lost", [[0], [2], [1, 2], [0, 1, 3]], ids=str)
def test_lost_lines_are_counted_at_the_line_that_follows_them(file: Path, lost: list[int], older: int) -> None:
    lines = written(file, range(1, 7), older)
    file.write_text("".join(text for at, text in enumerate(lines) if at not in lost))
    found = problems(file)
    counts = [int(number) for _, what in found for number in re.findall(r"(\d+) before it are missing", what)]
    assert sum(counts) == len(lost)
    with pytest.raises(LedgerError, match="missing"):
        ArtifactLedger(file).entries("usgs_mcs", "P6")


def test_lines_that_were_exchanged_repeated_or_written_by_hand_are_found(file: Path) -> None:
    lines = written(file, range(1, 5))
    file.write_text("".join([lines[0], lines[2], lines[1], lines[3]]))
    assert [at for at, _ in problems(file)] == [2, 3, 4]
    file.write_text("".join([*lines, lines[3]]))
    assert "inserted or repeated" in problems(file)[0][1]
    file.write_text("".join([*lines, line(9)]))
    assert [at for at, _ in problems(file)] == [5]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (b"", "is not JSON"),
        (b"\xff\x00", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "no event"),
        (b'{"event": "erased"}', "no event"),
        (json.dumps(row(1) | {"year": "2025"}).encode(), "'year'"),
        (json.dumps(row(1) | {"known_from": "31 January"}).encode(), "'known_from'"),
        (json.dumps(row(1) | {"sha256": "../../etc/passwd"}).encode(), "'sha256'"),
        (json.dumps({name: value for name, value in row(1).items() if name != "partition"}).encode(), "'partition'"),
        (json.dumps(row(1) | {"partitiom": "A"}).encode(), "'partitiom'"),
    ],
    ids=range(10),
)
def test_a_damaged_line_is_named_by_its_number_and_stops_every_reader(file: Path, damage: bytes, words: str) -> None:
    add(file, line(1))
    with file.open("ab") as ledger:
        ledger.write(damage + b"\n")
    add(file, line(3))
    ((at, what),) = problems(file)
    assert at == 2
    assert words in what
    assert len(what) < 300
    ledger = ArtifactLedger(file)
    for read in (lambda: list(ledger.all_entries()), lambda: ledger.append(row(4))):
        with pytest.raises(LedgerError, match=r"ledger\.jsonl, line 2: .*(?s:.*)Remedy: "):
            read()


@given(at=st.integers(0), bit=st.integers(0, 7))
def test_every_flipped_bit_of_a_numbered_ledger_is_found(scratch: Path, at: int, bit: int) -> None:
    file = scratch / "flipped.jsonl"
    file.unlink(missing_ok=True)
    written(file, range(1, 4))
    data = bytearray(file.read_bytes())
    data[at % len(data)] ^= 1 << bit
    file.write_bytes(data)
    ledger = ArtifactLedger(file)
    assert ledger.problems() or ledger.has_torn_end()


def test_an_accepted_loss_lets_the_ledger_be_read_and_a_later_one_is_found_again(file: Path) -> None:
    lines = written(file, range(1, 5))
    file.write_text("".join([lines[0], "{}}\n", lines[3]]))
    ledger = ArtifactLedger(file)
    accepted = {"event": "loss_accepted", "lines": [p.line for p in ledger.problems()], "statements": [], "reason": "x"}
    ledger.append(accepted | {"at": "2026-01-01T00:00:00+00:00"})
    assert hashes(ledger) == hashes(ArtifactLedger(file)) == ["1", "4"]
    ledger.append(row(5, "P5"))
    ledger.append(row(6, "P6"))
    assert [entry.sequence for entry in ArtifactLedger(file).all_entries()] == [0, 3, 5, 6], "numbers stay as they were"
    kept = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*kept[:-2], kept[-1]]))
    assert [at for at, _ in problems(file)] == [5]
