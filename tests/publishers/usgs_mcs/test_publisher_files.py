"""The USGS's own files, whole: they say what the bundled extracts of them say, and their quirks are real."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from tests.helpers.artifacts import bundled, content, copy_of, parse, parsed, records, refusal
from tests.helpers.violators import assert_none

FILES = {
    "mcs2022": "mcs2022-raree_world.csv",
    "mcs2023": "mcs2023-raree_world.csv",
    "mcs2024": "mcs2024-raree_world.csv",
    "mcs2025": "MCS2025_World_Data.csv",
    "mcs2026": "MCS2026_Commodities_Data.csv",
}


@pytest.fixture(scope="session")
def whole(publisher_files: Path, scratch: Path):
    """The publisher's whole file of an edition, as the artifact the bundled one was copied from."""

    def give(edition: str, change=lambda data: data) -> Artifact:
        data = (publisher_files / "usgs" / edition / FILES[edition]).read_bytes()
        return copy_of(bundled()[FILES[edition]], scratch, change(data))

    return give


@pytest.mark.parametrize("edition", FILES)
def test_the_publishers_file_and_the_bundled_one_give_the_same_rows(whole, edition):
    full = parse(whole(edition))
    assert full.rejects.is_empty()
    assert content(full.frame, "note").equals(content(parsed(FILES[edition]).frame, "note"))


def test_mcs_2024_has_36_empty_trailing_columns_and_22_empty_records(whole):
    header, *body = records(whole("mcs2024").path.read_bytes())
    assert sum(name == "" for name in header) == 36
    assert sum(not any(row) for row in body) == 22


def test_mcs_2025_writes_spaces_into_names_of_columns_and_countries(whole):
    header, *body = records(whole("mcs2025").path.read_bytes())
    assert {"PROD_EST_ 2024", "CAP_EST_ 2024"} <= set(header)
    labels = {row[2] for row in body if row[1] == "Rare earths"}
    assert {"Canada ", "Russia ", "South Africa "} <= labels


def test_mcs_2026_is_cp1252_and_its_chapter_of_heavy_rare_earths_is_not_added(whole):
    data = whole("mcs2026").path.read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    chapters = {row[0] for row in records(data, "cp1252")}
    assert {"RARE EARTHS", "RARE EARTHS (Heavy)", "YTTRIUM"} <= chapters
    assert parse(whole("mcs2026")).frame.height == 54


def test_salient_statistics_are_not_a_world_table(publisher_files, scratch):
    data = (publisher_files / "usgs" / "mcs2024" / "mcs2024-raree_salient.csv").read_bytes()
    with pytest.raises(LayoutError, match="lost"):
        parse(copy_of(bundled()[FILES["mcs2024"]], scratch, data))


def refusals(scratch: Path, change=lambda data: data, **known) -> dict[str, str]:
    """How each edition's bundled file is refused after a change."""
    originals = {edition: bundled()[file] for edition, file in FILES.items()}
    return {
        edition: refusal(copy_of(original, scratch, change(original.path.read_bytes()), **known))
        for edition, original in originals.items()
    }


def test_an_edition_read_by_anothers_layout_is_refused_naming_the_columns(scratch):
    wanted = r"LayoutError: .*(lost \[.+\], gained \[.+\]|not readable as)"
    assert_none(
        f"{edition} read as {other}: {found}"
        for other in FILES
        for edition, found in refusals(scratch, layout=other).items()
        if edition != other and not re.match(wanted, found, re.DOTALL)
    )


def test_a_misspelt_country_in_the_real_file_stops_by_name(scratch):
    found = refusals(scratch, lambda data: data.replace(b",India,", b",Indai,", 1))
    assert_none(f"{key}: {text}" for key, text in found.items() if not re.match("UnknownLabelError: .*'Indai'", text))


def test_a_unit_of_thousand_tons_in_the_real_file_stops_by_name(scratch):
    found = refusals(scratch, lambda data: data.replace(b"metric tons", b"thousand metric tons"))
    wanted = "UnknownLabelError: .*United States.*thousand metric tons"
    assert_none(f"{key}: {text}" for key, text in found.items() if not re.match(wanted, text))


def test_the_whole_of_mcs_2026_cut_between_two_measures_is_refused(whole):
    """The long file holds production of 2024, production of 2025, reserves: each ends in a world total."""

    def up_to_the_first_total(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        ours = b"RARE EARTHS,World Mine Production and Reserves,Rare Earths,World total,"
        return b"".join(lines[: next(i for i, line in enumerate(lines) if line.startswith(ours)) + 1])

    with pytest.raises(TruncatedError):
        parse(whole("mcs2026", up_to_the_first_total))
