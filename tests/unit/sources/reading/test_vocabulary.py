from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sources.model.artifact import UnknownLabelError
from sources.reading.vocabulary import Vocabulary, load_vocabulary
from tests.helpers.artifacts import artifact

LABELS = """vocabulary,label,kind,area_code
country,India,area,IND
country,South Africa,area,ZAF
country,World total (rounded),world,
country,Other countries,other_countries,
portal,CHINA P RP,area,CHN
"""


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(LABELS, encoding="utf-8")
    return path


@pytest.fixture
def words(labels: Path) -> Vocabulary:
    return load_vocabulary(labels, "country")


def test_every_unknown_label_is_named_and_so_is_the_file_to_mend(words, tmp_path):
    frame = pl.DataFrame({"country": ["India", "Atlantis", "Indai", "Atlantis"]})
    with pytest.raises(UnknownLabelError, match=r"'Atlantis', 'Indai'") as caught:
        words.apply(artifact(tmp_path, b"x", name="mcs.csv"), frame, "country")
    assert "mcs.csv" in str(caught.value)
    assert "REE_OWN_LABELS" in str(caught.value)
    assert "is nearest to 'India'" in str(caught.value)


@pytest.mark.parametrize("misspelt", ["india", "INDIA", "Indai", "India.", "South  Afrika", ""])
def test_a_misspelt_label_is_not_guessed(words, tmp_path, misspelt):
    with pytest.raises(UnknownLabelError):
        words.require(artifact(tmp_path, b"x"), [misspelt])


def test_a_label_of_another_vocabulary_is_unknown(words, tmp_path):
    with pytest.raises(UnknownLabelError, match="CHINA P RP"):
        words.require(artifact(tmp_path, b"x"), ["CHINA P RP"])


@pytest.mark.parametrize("printed", ["South Africa ", "South\xa0Africa", " South  Africa", "South Africa\xa0"])
def test_spaces_that_a_publisher_adds_do_not_make_another_country(words, tmp_path, printed):
    mapped = words.apply(artifact(tmp_path, b"x"), pl.DataFrame({"country": [printed]}), "country")
    assert mapped.row(0) == (printed, "area", "ZAF")


def test_the_world_and_other_countries_are_kinds_without_an_area_of_their_own(words, tmp_path):
    frame = pl.DataFrame({"country": ["World total (rounded)", "India", "Other countries"], "value": [1, 2, 3]})
    mapped = words.apply(artifact(tmp_path, b"x"), frame, "country")
    assert mapped.rows() == [
        ("World total (rounded)", 1, "world", None),
        ("India", 2, "area", "IND"),
        ("Other countries", 3, "other_countries", None),
    ]


def test_a_missing_label_stops_as_an_unknown_one(words, tmp_path):
    frame = pl.DataFrame({"country": ["India", None]})
    with pytest.raises(UnknownLabelError):
        words.apply(artifact(tmp_path, b"x"), frame, "country")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (LABELS, "no such list"),
        (LABELS + "country,India,area,CHN\n", "country"),
        (LABELS + "country,Mars,planet,MAR\n", "country"),
    ],
    ids=["no such vocabulary", "a label twice", "an unknown kind"],
)
def test_a_vocabulary_that_contradicts_itself_is_not_read(tmp_path, text, name):
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=name):
        load_vocabulary(path, name)
