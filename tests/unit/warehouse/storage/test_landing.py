"""The landing: bytes are kept once, statements are never edited, incomplete files are rejected."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from sources.model.artifact import TruncatedError
from warehouse.storage.landing import Landing, write_durably


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "landing")


def ledger_lines(landing: Landing) -> list[dict]:
    return [json.loads(line) for line in (landing.folder / "ledger.jsonl").read_bytes().splitlines()]


def stored(landing: Landing) -> list[Path]:
    return [path for path in (landing.folder / "sha256").rglob("*") if path.is_file()]


def test_the_same_bytes_land_once(landing, offer) -> None:
    assert landing.land([offer(b"a,b\n1,2\n")])
    assert not landing.land([offer(b"a,b\n1,2\n")])
    assert len(ledger_lines(landing)) == 1
    assert len(stored(landing)) == 1


def test_landed_bytes_are_the_offered_bytes_under_their_hash(landing, offer) -> None:
    offered = offer(b"\xff\x00 not even text")
    landing.land([offered])
    landed = landing.landed()[0]
    assert landed.artifact.path.name == offered.sha256
    assert landed.artifact.read_bytes() == b"\xff\x00 not even text"
    assert landed.bytes == 16
    assert landed.landed_at.tzinfo is not None


def test_everything_said_of_an_artifact_comes_back(landing, offer) -> None:
    offered = offer(b"x", edition=None, original_sha256="0" * 64)
    landing.land([offered])
    back = landing.landed()[0].artifact
    same = {name: getattr(back, name) for name in offered.__slots__ if name != "path"}
    assert same == {name: getattr(offered, name) for name in offered.__slots__ if name != "path"}


def test_the_same_bytes_with_another_date_replace_what_was_said_of_them(landing, offer) -> None:
    landing.land([offer(b"x", known_from=date(2025, 1, 31))])
    assert landing.land([offer(b"x", known_from=date(2025, 2, 3))])
    assert [item.artifact.known_from for item in landing.landed()] == [date(2025, 2, 3)]
    assert len(ledger_lines(landing)) == 2, "the earlier line stays in the ledger"
    assert len(stored(landing)) == 1


def test_the_same_bytes_for_two_partitions_are_two_statements(landing, offer) -> None:
    landing.land([offer(b"x", partition="A")])
    assert landing.land([offer(b"x", partition="B")])
    assert {item.artifact.partition for item in landing.landed()} == {"A", "B"}
    assert len(stored(landing)) == 1


def test_what_landed_is_ordered_by_when_it_was_known_and_then_by_when_it_landed(landing, offer) -> None:
    for data, known_from in ((b"3", date(2025, 3, 1)), (b"1", date(2024, 1, 1)), (b"4", date(2025, 3, 1))):
        landing.land([offer(data, known_from=known_from)])
    assert [item.artifact.read_bytes() for item in landing.landed()] == [b"1", b"3", b"4"]


def test_one_publishers_artifacts_can_be_asked_for_alone(landing, offer) -> None:
    landing.land([offer(b"u")])
    landing.land([offer(b"c", source_code="un_comtrade")])
    assert [item.artifact.source_code for item in landing.landed("un_comtrade")] == ["un_comtrade"]
    assert len(landing.landed()) == 2


def test_a_ledger_line_torn_by_a_crash_is_ignored_and_repaired_by_the_next_landing(landing, offer) -> None:
    landing.land([offer(b"whole")])
    with (landing.folder / "ledger.jsonl").open("ab") as ledger:
        ledger.write(b'{"source_code": "usgs_mcs", "name": "to')
    assert [item.artifact.read_bytes() for item in landing.landed()] == [b"whole"]
    landing.land([offer(b"next")])
    assert len(ledger_lines(landing)) == 2, "every line is whole JSON again"
    assert [item.artifact.read_bytes() for item in landing.landed()] == [b"whole", b"next"]


def test_bytes_altered_on_disk_are_refused_when_they_are_read(landing, offer) -> None:
    landing.land([offer(b"240000")])
    landed = landing.landed()[0].artifact
    landed.path.write_bytes(b"240001")
    with pytest.raises(TruncatedError, match="sha256"):
        landed.read_bytes()


def test_landing_again_mends_bytes_that_were_damaged_on_disk(landing, offer) -> None:
    """The remedy that `ree doctor` names must work: land them again."""
    landing.land([offer(b"240000")])
    landing.landed()[0].artifact.path.write_bytes(b"24")
    landing.land([offer(b"240000")])
    assert landing.landed()[0].artifact.read_bytes() == b"240000"


def test_an_offer_whose_bytes_are_not_those_described_lands_nothing(landing, offer) -> None:
    offered = offer(b"x", sha256="0" * 64)
    with pytest.raises(TruncatedError):
        landing.land([offered])
    assert landing.landed() == []
    assert not (landing.folder / "sha256").exists()


def test_a_statement_that_is_offered_again_after_another_one_stands_last(landing, offer) -> None:
    """Putting the old file back clears the refusal of the damaged one."""
    good, bad = offer(b"240000"), offer(b"24")
    for offered in (good, bad, good):
        assert landing.land([offered]) == 1
    assert landing.land([good]) == 0
    assert [item.artifact.read_bytes() for item in landing.landed()] == [b"240000", b"24", b"240000"]


def test_two_releases_of_one_partition_on_offer_together_land_once(landing, offer) -> None:
    both = [offer(b"first", known_from=date(2025, 1, 31)), offer(b"second", known_from=date(2025, 6, 1))]
    assert landing.land(both) == 2
    assert landing.land(both) == 0


def test_an_empty_landing_holds_nothing_and_reading_it_makes_no_folder(landing) -> None:
    assert landing.landed() == []
    assert not landing.folder.exists()


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "file"
    write_durably(target, b"before")

    def crash(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        write_durably(target, b"after")
    assert target.read_bytes() == b"before"


def test_the_newest_of_a_partition_is_what_landed_last_whenever_it_was_known(landing, offer) -> None:
    for data, known_from in ((b"1", date(2026, 1, 1)), (b"2", date(2025, 1, 1))):
        landing.land([offer(data, partition="A", known_from=known_from)])
    landing.land([offer(b"3", partition="B"), offer(b"4", partition="A", source_code="un_comtrade")])
    newest = landing.newest("usgs_mcs", {"A", "C"})
    assert {partition: artifact.read_bytes() for partition, artifact in newest.items()} == {"A": b"2"}
