"""The landing: bytes are kept once, statements are never edited, incomplete files are rejected."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from sources.model.artifact import TruncatedError
from warehouse.storage.landing import Landing, LandingError, write_durably
from warehouse.storage.ledger import Statement


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


def bodies(landing: Landing) -> list[bytes]:
    return [item.artifact.read_bytes() for item in Landing(landing.folder).landed()]


def test_bytes_set_aside_stay_stored_and_the_statement_before_them_is_active_again(landing, offer) -> None:
    good, bad = offer(b"240000"), offer(b"24")
    landing.land([good])
    landing.land([bad])
    (aside,) = landing.set_aside(bad.sha256[:8], "cut off")
    assert (aside.name, aside.partition) == (bad.name, bad.partition)
    assert bodies(landing) == [b"240000"]
    assert Landing(landing.folder).newest("usgs_mcs", {"MCS 2025"})["MCS 2025"].sha256 == good.sha256
    assert landing.path_of(bad.sha256).read_bytes() == b"24"
    (listed,) = Landing(landing.folder).all_set_aside()
    assert (listed.artifact.sha256, listed.reason) == (bad.sha256, "cut off")
    assert len(ledger_lines(landing)) == 3, "no line is removed"


def test_bytes_set_aside_do_not_land_again_until_they_are_taken_back(landing, offer) -> None:
    bad = offer(b"24")
    landing.land([bad])
    sequence = landing.landed()[0].sequence
    landing.set_aside(bad.sha256, "cut off")
    assert landing.land([bad, offer(b"24", known_from=date(2025, 2, 3))]) == 0
    assert landing.landed() == []
    landing.take_back(bad.sha256[:6], "it was whole after all")
    assert landing.all_set_aside() == []
    assert [item.sequence for item in landing.landed()] == [sequence], "so that its load keeps its id"
    assert landing.land([bad]) == 0


def test_a_date_corrected_while_other_bytes_are_set_aside_replaces_the_line_before_them(landing, offer) -> None:
    bad = offer(b"24")
    for offered in (offer(b"240000"), bad):
        landing.land([offered])
    landing.set_aside(bad.sha256, "cut off")
    landing.land([offer(b"240000", known_from=date(2025, 2, 3))])
    assert [item.artifact.known_from for item in landing.landed()] == [date(2025, 2, 3)]


def test_a_hash_that_names_no_bytes_or_several_and_a_missing_reason_are_refused_in_a_sentence(landing, offer) -> None:
    artifact = offer(b"240000")
    landing.land([artifact])
    refusals = {
        "too short": (artifact.sha256[:3], "cut off"),
        "0 hashes": ("0123456789", "cut off"),
        "a reason is needed": (artifact.sha256, "  "),
    }
    for words, (prefix, reason) in refusals.items():
        with pytest.raises(LandingError, match=words):
            landing.set_aside(prefix, reason)
    with pytest.raises(LandingError, match="0 hashes of bytes set aside"):
        landing.take_back(artifact.sha256, "whole")
    landing.set_aside(artifact.sha256, "cut off")
    with pytest.raises(LandingError, match="set aside already: cut off"):
        landing.set_aside(artifact.sha256, "again")


def test_a_prefix_of_several_hashes_is_refused_and_lists_them(landing, offer) -> None:
    by_prefix: dict[str, bytes] = {}
    for number in range(2_000):  # of 2,000 hashes some share their first four digits
        data = str(number).encode()
        prefix = offer(data).sha256[:4]
        if prefix in by_prefix:
            break
        by_prefix[prefix] = data
    for body in (data, by_prefix[prefix]):
        landing.land([offer(body, partition=body.decode())])
    with pytest.raises(LandingError, match="2 hashes") as refusal:
        landing.set_aside(prefix, "cut off")
    for body in (data, by_prefix[prefix]):
        assert offer(body).sha256[:16] in str(refusal.value)


def test_a_statement_accepted_as_lost_is_accounted_for_and_lands_again_when_offered(landing, offer) -> None:
    artifact = offer(b"240000")
    statement = Statement(artifact.source_code, artifact.partition, artifact.sha256)
    with pytest.raises(LandingError, match="no line of the ledger is lost"):
        landing.accept_loss([], "no backup")
    assert landing.accept_loss([statement], "no backup") == (0, 1)
    assert statement in Landing(landing.folder).ledger.statements()
    assert landing.landed() == []
    assert landing.land([artifact]) == 1
