"""A user's own labels: what the file may hold, and that a changed file loads again what was refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sources.model.artifact import Artifact
from sources.parser_version import parser_version
from sources.reading.vocabulary import use_own_labels
from sources.registry import sources
from tests.helpers.artifacts import table
from warehouse.ingest.ingest import ingest
from warehouse.ingest.own_labels import OwnLabelsError, read_own_labels
from warehouse.read.doctor import examine
from warehouse.settings import Settings
from warehouse.storage.landing import Landing
from warehouse.storage.work import open_work

HEADER = "source_code,vocabulary,label,kind,area_code\n"
COMTRADE = sources()["un_comtrade"]
WITS = [
    "reporter", "flow", "hs_code", "year", "partner", "value_1000usd", "quantity_kg", "quantity_unit", "source_file",
]  # fmt: skip


@pytest.fixture
def own(tmp_path: Path, settings: Settings) -> Callable[[str], Settings]:
    """Write a file of own labels, and settings that name it."""

    def write(text: str) -> Settings:
        path = tmp_path / "own labels.csv"
        path.write_text(text, encoding="utf-8")
        return settings.model_copy(update={"own_labels": path})

    return write


@pytest.fixture
def landed(settings: Settings, offer: Callable[..., Artifact]) -> Artifact:
    """A file of WITS with a large partner that no vocabulary has."""
    rows = [("World", "900.00"), ("India", "500.00"), ("Atlantis, Rep.", "400.00")]
    data = table(WITS, *(["China", "Export", "850511", "2012", name, value, "5", "Kg", "x"] for name, value in rows))
    about = {"source_code": "un_comtrade", "layout": "extract_wits", "partition": "WITS/CHN/X/850511/2012"}
    artifact = offer(data, **about, year=2012, edition=None)
    Landing(settings.landing).land([artifact])
    return artifact


def partners(settings: Settings) -> list[str]:
    with open_work(settings) as con:
        rows = con.execute("select partner_code from raw.un_comtrade__trade order by all").fetchall()
    return [code for (code,) in rows]


def test_without_the_setting_there_are_no_own_labels(settings):
    assert read_own_labels(settings).entries == {}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("un_comtrad,wits,Atlantis,area,FRA", "row 2, column source_code.*did you mean un_comtrade"),
        ("china_quotas,country,Atlantis,area,FRA", "row 2, column source_code.*no labels"),
        ("un_comtrade,wit,Atlantis,area,FRA", "row 2, column vocabulary.*m49, wits, iso3"),
        ("un_comtrade,wits,,area,FRA", "row 2, column label.*empty"),
        ("un_comtrade,wits,Atlantis,country,FRA", "row 2, column kind.*area, world, other_countries"),
        ("un_comtrade,wits,Atlantis,area,FRX", "row 2, column area_code.*'FRX'"),
        ("un_comtrade,wits,Atlantis,area,", "row 2, column area_code"),
        ("un_comtrade,wits,India,area,CHN", "row 2, column label: 'India' is known already, as area IND"),
        ("un_comtrade,wits,Atlantis,area,FRA\nun_comtrade,wits,Atlantis,area,DEU", "row 3, column label.*twice"),
        ("un_comtrade,wits,Congo, Rep.,area,COG", "row 2 does not have 5 cells"),
        ('un_comtrade,wits,"Atlantis,area,FRA', "cannot be read"),
    ],
)
def test_a_wrong_row_is_named_with_its_column_and_remedy(own, row, problem):
    with pytest.raises(OwnLabelsError, match=problem) as caught:
        read_own_labels(own(f"{HEADER}{row}\n"))
    assert "Remedy" in str(caught.value)


@pytest.mark.parametrize("text", ["", "label,area_code\nAtlantis,FRA\n"])
def test_another_header_is_refused(own, text):
    with pytest.raises(OwnLabelsError, match="row 1"):
        read_own_labels(own(text))


def test_a_missing_file_is_refused_and_doctor_says_so(settings, tmp_path):
    missing = settings.model_copy(update={"own_labels": tmp_path / "none.csv"})
    with pytest.raises(OwnLabelsError, match="cannot be read"):
        read_own_labels(missing)
    assert any("REE_OWN_LABELS" in finding.what and not finding.ok for finding in examine(missing))


def test_an_unknown_partner_loads_once_its_label_is_added(own, settings, landed):
    refused = ingest(settings, "build 1", COMTRADE)
    assert len(refused.failures) == 1
    assert 'un_comtrade,wits,"Atlantis, Rep.",area,???' in refused.failures[0]
    with_label = own(f'{HEADER}un_comtrade,wits,"Atlantis, Rep.",area,FRA\n')
    assert ingest(with_label, "build 2", COMTRADE).failures == []
    assert partners(settings) == ["FRA", "IND", "WLD"]
    with open_work(settings) as con:
        (notes,) = con.execute("select corrections from ledger.loads where status <> 'refused'").fetchone()
    assert notes == ["own label of vocabulary 'wits': 'Atlantis, Rep.' is area FRA"]


def test_a_changed_file_of_own_labels_loads_the_publisher_again_and_no_other(own, settings, landed):
    first = own(f'{HEADER}un_comtrade,wits,"Atlantis, Rep.",area,FRA\n')
    ingest(first, "build 1", COMTRADE)
    assert ingest(first, "build 2", COMTRADE).loaded == []
    second = own(f'{HEADER}un_comtrade,wits,"Atlantis, Rep.",area,DEU\n')
    assert len(ingest(second, "build 3", COMTRADE).loaded) == 1
    assert partners(settings) == ["DEU", "IND", "WLD"]
    versions = {code: parser_version(source) for code, source in sources().items()}
    with use_own_labels(read_own_labels(second)):
        changed = [code for code, source in sources().items() if parser_version(source) != versions[code]]
    assert changed == ["un_comtrade"]
