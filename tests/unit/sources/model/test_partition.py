"""Partition names as keys: the forms that publishers have, and names of another form."""

from __future__ import annotations

from datetime import date

import pytest

from sources.model.artifact import LayoutError
from sources.model.partition import PartitionKey, key_frame, key_of
from sources.publishers.bgs_wms.partition import Partition as Bgs
from sources.publishers.cepii_baci.partition import Partition as Baci
from sources.publishers.china_customs.partition import Partition as ChinaCustoms
from sources.publishers.india_amd.partition import Partition as Amd
from sources.publishers.india_tradestat.partition import PagePartition, ReportPartition
from sources.publishers.un_comtrade.partition import Partition as Comtrade
from sources.publishers.usgs_mcs.partition import Partition as Mcs
from sources.registry import sources, table_specs
from sources.snapshot.reader import Snapshot
from tests.helpers.artifacts import artifact
from tests.helpers.violators import assert_none


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("MCS 2025", Mcs(2025)),
        ("BGS WMS", Bgs(None)),
        ("BGS WMS/rare_earth_oxides", Bgs("rare_earth_oxides")),
        ("AMD 2024", Amd(date(2024, 1, 1), date(2024, 12, 31))),
        ("AMD 2024-02", Amd(date(2024, 2, 1), date(2024, 2, 29))),
        ("AMD 2023-01-28", Amd(date(2023, 1, 28), date(2023, 1, 28))),
        ("A/CHN/M/2846/2024", Comtrade("A", "CHN", ("M",), ("2846",), 2024)),
        ("M/IND/M+X/all/2025", Comtrade("M", "IND", ("M", "X"), (), 2025)),
        ("A/all/M+X/850511/2024", Comtrade("A", None, ("M", "X"), ("850511",), 2024)),
        ("WITS/CHN/X/280530+284690/2019", Comtrade("WITS", "CHN", ("X",), ("280530", "284690"), 2019)),
        ("A/IND/all/all/2024/via/344+528+702", Comtrade("A", "IND", (), (), 2024, None, "344+528+702")),
        ("M/IND/M/2846/202503/via/all", Comtrade("M", "IND", ("M",), ("2846",), 2025, 3, "all")),
        ("GACC/CHN/X/IND/284690/2025", ChinaCustoms("X", "IND", "284690", 2025)),
        ("GACC/CHN/X/all/284690/2025", ChinaCustoms("X", None, "284690", 2025)),
        ("GACC/CHN/M/all/2846/2024/whole/cny", ChinaCustoms("M", None, "2846", 2024, True, True)),
        ("BACI V202601/HS17/all/2024", Baci("V202601", ("HS17",), (), 2024, 2024)),
        ("BACI V202601b/HS02+HS17/850511/2002-2023/partial",
         Baci("V202601b", ("HS02", "HS17"), ("850511",), 2002, 2023, "partial")),
        ("BACI V202601/HS17/850511/2002-2024/world totals",
         Baci("V202601", ("HS17",), ("850511",), 2002, 2024, "world_total")),
        ("MEIDB/2846/partners/2024", ReportPartition("MEIDB", "2846", "partners", 2024)),
        ("EIDB/exports/lines/2023", ReportPartition("EIDB", None, "lines", 2023)),
        ("MEIDB/2846/import/all/2025-03/usd", PagePartition("MEIDB", "2846", "import", None, 2025, 3, "usd")),
        ("EIDB/all/export/CHN/2024/quantity", PagePartition("EIDB", None, "export", "CHN", 2024, None, "quantity")),
    ],
    ids=str,
)  # fmt: skip
def test_a_name_and_its_key_say_the_same(name: str, key: PartitionKey) -> None:
    assert type(key).parse(name) == key
    assert str(key) == name


def test_every_bundled_partition_of_a_publisher_with_keys_has_one() -> None:
    kinds = {spec.name.split("__")[0]: spec.partitions for spec in table_specs().values()}
    offers = [offer for code in sources() if kinds[code] for offer in Snapshot().offers(code)]
    assert len(offers) > 100
    assert_none(o.partition for o in offers if str(key_of(kinds[o.source_code], o.partition)) != o.partition)


def test_a_name_of_another_form_is_refused_with_the_form_it_needs(tmp_path) -> None:
    with pytest.raises(LayoutError, match=r"'MCS2025' does not say what it holds\. Remedy: name it MCS <year>\."):
        Mcs.of(artifact(tmp_path, b"x", partition="MCS2025"))
    with pytest.raises(ValueError, match="'GACC/CHN/X/IND/28/2025' is not of the form GACC/CHN/<X or M>"):
        ChinaCustoms.parse("GACC/CHN/X/IND/28/2025")


def test_parts_of_names_are_columns_of_one_type_each() -> None:
    frame = key_frame((PagePartition, ReportPartition), ["MEIDB/2846/partners/2024", "another name"])
    assert frame.select("partition_name", "has_key", "key_report", "key_code", "key_flow", "key_year").rows() == [
        ("MEIDB/2846/partners/2024", True, "partners", "2846", None, 2024),
        ("another name", False, None, None, None, None),
    ]
    assert key_of((Amd,), "AMD 2023-13") is None
    assert key_frame((Comtrade,), ["A/CHN/M/280530+2846/2024"])["key_codes"].to_list() == [["280530", "2846"]]


def test_any_name_will_do_where_a_publishers_names_have_no_parts() -> None:
    assert key_frame((), ["China quotas"]).rows() == [("China quotas", True)]
