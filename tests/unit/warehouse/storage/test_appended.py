"""Append-only files: each line is parsed once, and changes by another process are detected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from warehouse.storage.appended import AppendedLines
from warehouse.storage.journal import Journal
from warehouse.storage.landing import Landing, write_durably


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lines.jsonl"


def append(file: Path, text: str) -> None:
    with file.open("a") as lines:
        lines.write(text)


def test_a_line_is_parsed_once_however_often_the_file_is_read(file: Path) -> None:
    parsed: list[bytes] = []
    lines = AppendedLines(lambda line: parsed.append(line) or json.loads(line))
    for n in range(5):
        append(file, f'{{"n": {n}}}\n')
        assert [row["n"] for row in lines.read(file)] == list(range(n + 1))
    assert len(parsed) == 5


def test_a_line_counts_when_its_end_is_there(file: Path) -> None:
    lines = AppendedLines(json.loads)
    append(file, '{"n": 1}\n{"n"')
    assert (lines.read(file), lines.size) == ([{"n": 1}], 9)
    append(file, ": 2}\n")
    assert lines.read(file) == [{"n": 1}, {"n": 2}]


def test_a_file_that_was_replaced_is_read_from_its_start(file: Path) -> None:
    lines = AppendedLines(json.loads)
    append(file, '{"n": 1}\n')
    assert lines.read(file) == [{"n": 1}]
    write_durably(file, b'{"n": 3}\n{"n": 4}\n')
    assert lines.read(file) == [{"n": 3}, {"n": 4}]


def test_a_file_that_was_shortened_or_removed_is_read_from_its_start(file: Path) -> None:
    lines = AppendedLines(json.loads)
    append(file, '{"n": 1}\n{"n": 2}\n')
    assert len(lines.read(file)) == 2
    file.write_text('{"n": 5}\n')
    assert lines.read(file) == [{"n": 5}]
    file.unlink()
    assert (lines.read(file), lines.size) == ([], 0)


def test_what_a_reader_does_with_its_list_changes_no_later_reading(file: Path) -> None:
    lines = AppendedLines(json.loads)
    append(file, '{"n": 1}\n')
    lines.read(file).clear()
    assert lines.read(file) == [{"n": 1}]


def test_a_landing_sees_what_another_one_landed(tmp_path: Path, offer) -> None:
    first, second = (Landing(tmp_path / "landing") for _ in range(2))
    assert first.land([offer(b"1", partition="A")]) == 1
    assert second.land([offer(b"1", partition="A"), offer(b"2", partition="B")]) == 1
    assert first.land([offer(b"2", partition="B"), offer(b"3", partition="C")]) == 1
    assert {item.artifact.partition for item in second.landed()} == {"A", "B", "C"}


def test_a_journal_sees_the_calls_that_another_process_noted(tmp_path: Path) -> None:
    first, second = (Journal(tmp_path, "un_comtrade") for _ in range(2))
    first.look("a", {}, "")
    assert set(first.looks()) == {"a"}
    second.look("b", {}, "")
    assert set(first.looks()) == {"a", "b"}
