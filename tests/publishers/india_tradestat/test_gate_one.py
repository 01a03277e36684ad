"""Gate 1 on pages of the portal: rows must be of their partition, and of goods the warehouse follows."""

from __future__ import annotations

import pytest

from tests.helpers.artifacts import parse
from tests.publishers.india_tradestat.builders import (
    COUNTRIES,
    COUNTRY,
    MONTHS,
    PARTNERS,
    countries_page,
    country_page,
    months_page,
    partners_page,
    tradestat,
)
from warehouse.quality.gates import judge_load

GOOD = [
    (MONTHS, 2022, months_page(("28461010", "1.25", "2.50"))),
    (PARTNERS, 2022, partners_page(("CHINA P RP", "3.00", "3.50"), ("JAPAN", "", "0.50"))),
    (COUNTRY, 2021, country_page(["4.91", "0.00"], ["13.11", "2.00"])),
    (
        COUNTRIES,
        2018,
        countries_page(("CHINA P RP", "8.00", "8.50", "3.00", "4.00"), ("JAPAN", "1.00", "1.00", "", "")),
    ),
]


def failed(folder, data: bytes, layout: str, partition: str, year: int) -> set[str]:
    """The critical rules that the page breaks."""
    offered = tradestat(folder, data, layout, partition, year=year)
    return {r.rule for r in judge_load([(offered, parse(offered))]) if not r.success and r.severity == "critical"}


@pytest.mark.parametrize(("of", "year", "data"), GOOD, ids=lambda value: value[0] if isinstance(value, tuple) else None)
def test_a_page_under_its_own_partition_passes(tmp_path, of, year, data):
    assert failed(tmp_path, data, *of, year) == set()


@pytest.mark.parametrize(
    "partition",
    ["MEIDB/28461090/import/WLD/2022-06/usd", "MEIDB/28461010/import/WLD/2022-06/inr"],
)
def test_a_page_under_another_code_or_unit_is_refused(tmp_path, partition):
    data = months_page(("28461010", "1.25", "2.50"))
    assert "rows_are_of_the_partition_they_came_with" in failed(tmp_path, data, MONTHS[0], partition, 2022)


def test_a_page_of_another_country_is_refused(tmp_path):
    data = country_page(["4.91", "0.00"], ["13.11", "2.00"], country="JAPAN")
    assert failed(tmp_path, data, *COUNTRY, 2021) == {"rows_are_of_the_partition_they_came_with"}


def test_a_page_of_another_year_is_refused(tmp_path):
    data = months_page(("28461010", "1.25", "2.50"))
    assert failed(tmp_path, data, *MONTHS, 2021) == {"periods_lie_in_the_years_of_the_partition"}


def test_a_page_of_another_good_is_refused(tmp_path):
    data = months_page(("12079100", "1.25", "2.50"))
    partition = "MEIDB/12079100/import/WLD/2022-06/usd"
    assert failed(tmp_path, data, MONTHS[0], partition, 2022) == {"codes_are_those_the_warehouse_follows"}


def test_a_page_of_many_goods_without_one_that_is_followed_is_refused(tmp_path):
    partition = "MEIDB/all/import/WLD/2022-06/usd"
    for figures in (("1.25", "2.50"), ("0.00", "0.00")):
        data = months_page(("12079100", *figures), ("85044090", *figures), total=figures)
        assert failed(tmp_path, data, MONTHS[0], partition, 2022) == {"codes_are_those_the_warehouse_follows"}
    data = months_page(("12079100", "1.25", "2.50"), ("28461010", "1.25", "2.50"))
    assert failed(tmp_path, data, MONTHS[0], partition, 2022) == set()


def test_a_partner_missing_is_missed_whatever_else_was_set_aside(tmp_path):
    data = partners_page(("CHINA P RP", "3.00", "3.50"))
    assert failed(tmp_path, data, *PARTNERS, 2022) == {"partners_add_up_to_their_printed_world"}
