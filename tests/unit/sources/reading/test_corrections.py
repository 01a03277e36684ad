from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sources.reading.corrections import StaleCorrectionError, apply_corrections, read_corrections
from tests.helpers.artifacts import artifact

TOML = """
[[correction]]
table = "un_comtrade__trade"
match = { partner_code = "IND", hs_code = "850511", period_start = 2016-01-01 }
column = "net_weight_kg"
expect = 770461.0
value = 7704610.0
reason = "a tenth of the years beside it"
source = "https://example.org/why"
"""


def magnets(weight: float) -> pl.DataFrame:
    """China's exports of 850511: India and Japan in 2016, India in 2017."""
    return pl.DataFrame(
        {
            "partner_code": ["IND", "JPN", "IND"],
            "hs_code": ["850511"] * 3,
            "period_start": [date(2016, 1, 1), date(2016, 1, 1), date(2017, 1, 1)],
            "net_weight_kg": [weight, 5.0, 770461.0],
        }
    )


@pytest.fixture
def corrections(tmp_path: Path) -> list[dict[str, Any]]:
    path = tmp_path / "corrections.toml"
    path.write_text(TOML, encoding="utf-8")
    return read_corrections(path)


def test_a_correction_mends_the_row_it_matches_and_no_other(corrections, tmp_path):
    corrected, done = apply_corrections(artifact(tmp_path, b"x"), "un_comtrade__trade", magnets(770461.0), corrections)
    assert corrected["net_weight_kg"].to_list() == [7704610.0, 5.0, 770461.0]
    assert corrected.schema == magnets(0.0).schema
    assert len(done) == 1
    for word in ("net_weight_kg", "770461.0", "7704610.0", "a tenth of the years", "https://example.org/why"):
        assert word in done[0]


def test_a_correction_whose_slip_the_publisher_corrected_stops_the_load(corrections, tmp_path):
    with pytest.raises(StaleCorrectionError, match=r"expects 770461\.0.*\[10500000\.0\].*remove the correction"):
        apply_corrections(artifact(tmp_path, b"x"), "un_comtrade__trade", magnets(10_500_000.0), corrections)


def test_a_correction_whose_value_vanished_is_stale_too(corrections, tmp_path):
    gone = magnets(1.0).with_columns(pl.lit(None, pl.Float64).alias("net_weight_kg"))
    with pytest.raises(StaleCorrectionError):
        apply_corrections(artifact(tmp_path, b"x"), "un_comtrade__trade", gone, corrections)


def test_a_correction_leaves_other_tables_and_other_files_alone(corrections, tmp_path):
    other = magnets(770461.0).filter(pl.col("partner_code") == "JPN")
    for table, frame in (("usgs_mcs__world", magnets(770461.0)), ("un_comtrade__trade", other)):
        unchanged, done = apply_corrections(artifact(tmp_path, b"x"), table, frame, corrections)
        assert unchanged.equals(frame)
        assert done == []


def test_a_text_column_can_be_corrected(corrections, tmp_path):
    textual = [corrections[0] | {"column": "hs_code", "expect": "850511", "value": "850519"}]
    corrected, _ = apply_corrections(artifact(tmp_path, b"x"), "un_comtrade__trade", magnets(770461.0), textual)
    assert corrected["hs_code"].to_list() == ["850519", "850511", "850511"]


@pytest.mark.parametrize("entry", ["table", "match", "column", "expect", "value", "reason", "source"])
def test_a_correction_without_one_of_its_entries_is_refused_by_name(tmp_path, entry):
    path = tmp_path / "corrections.toml"
    kept = [line for line in TOML.splitlines() if not line.startswith(f"{entry} =")]
    path.write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(ValueError, match=f"exactly.*'{entry}'"):
        read_corrections(path)


def test_a_correction_with_an_unknown_entry_is_refused(tmp_path):
    path = tmp_path / "corrections.toml"
    path.write_text(TOML + 'expected = "a slip"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="expected"):
        read_corrections(path)


def test_no_file_means_no_corrections(tmp_path):
    assert read_corrections(tmp_path / "corrections.toml") == []
