"""China's share of magnets that India and others import, against the bundled files.

BACI: CEPII BACI V202601, HS 850511, 2002–2024, as bundled. PIB: Government of India, line 85051190 by fiscal year.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sources.snapshot import BUNDLED
from warehouse.figures import RELATIVE_TOLERANCE, differs, exceeds

BACI_2024 = Path(BUNDLED) / "cepii_baci" / "baci_850511_2024.csv"
INDIA, CHINA = "IND", "CHN"
MART = "from marts.mart_magnet_dependence"


def rows(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


def test_chinas_share_of_indias_magnets_went_from_three_to_over_four_fifths(published) -> None:
    """BACI: 28,622,493 of 38,351,679 US$ from the suppliers listed in 2010; 162,786,289 of 193,381,540 in 2024."""
    found = dict(
        rows(
            published,
            f"select year(period_start), china_value_share {MART} where importer_code = 'IND'"
            " and supply_basis = 'reference' and product_key = 'HS:850511'",
        )
    )
    assert set(found) == set(range(2002, 2025))
    assert found[2010] == pytest.approx(28_622_493 / 38_351_679, rel=RELATIVE_TOLERANCE)
    assert found[2024] == pytest.approx(162_786_289 / 193_381_540, rel=RELATIVE_TOLERANCE)


def test_the_share_by_weight_of_2024_is_that_of_the_flows_weighed(published) -> None:
    with BACI_2024.open(encoding="utf-8", newline="") as text:
        flows = [row for row in csv.DictReader(text) if row["importer"] == INDIA]
    weight = {row["exporter"]: float(row["qty_t"] or 0) for row in flows}
    (found,) = rows(
        published,
        f"select china_weight_share {MART} where importer_code = 'IND' and supply_basis = 'reference'"
        " and period_start = date '2024-01-01'",
    )
    assert found[0] == pytest.approx(weight[CHINA] / sum(weight.values()), rel=1e-6)


def test_before_2024_a_share_is_partial_and_has_a_bound_below_it(published) -> None:
    above = exceeds("china_value_share", "china_value_share_low")
    partial = f"coverage = 'partial' and {above} and china_weight_share is null"
    complete = f"coverage = 'complete' and not {differs('china_value_share_low', 'china_value_share')}"
    assert rows(
        published,
        f"select count(*) filter (where year(period_start) < 2024 and not ({partial})),"
        f" count(*) filter (where year(period_start) = 2024 and not ({complete})), count(distinct importer_code)"
        f" {MART} where supply_basis = 'reference'",
    ) == [(0, 0, 5)]


def test_reports_of_2024_stand_beside_baci_for_every_importer(published) -> None:
    beside = rows(
        published,
        f"select importer_code {MART} where product_key = 'HS:850511' and period_start = date '2024-01-01'"
        " group by importer_code having count(distinct supply_basis) = 2 order by 1",
    )
    assert beside == [("EU27",), ("GBR",), ("IND",), ("JPN",), ("USA",)]


def test_ferrite_is_warned_of_where_india_files_it_and_not_on_its_other_line(published) -> None:
    """PIB: 110.68 of 136.14 million US$ of line 85051190 from China in 2024-25."""
    assert rows(published, f"select distinct importer_code {MART} where may_hold_ferrite") == [("IND",)]
    (found,) = rows(
        published,
        f"select china_value_share, hub_value_share, may_hold_ferrite {MART}"
        " where product_key = 'IN:85051190' and period_start = date '2024-04-01'",
    )
    assert found == (pytest.approx(110.68 / 136.14, rel=RELATIVE_TOLERANCE), None, False)


def test_leaving_hubs_out_never_lowers_chinas_share(published) -> None:
    lowered = exceeds("china_value_share", "china_value_share_without_hubs")
    assert rows(published, f"select * {MART} where {lowered} or hub_value_share not between 0 and 1") == []
    raised = exceeds("china_value_share_without_hubs", "china_value_share")
    assert rows(published, f"select count(*) > 0 {MART} where {raised}") == [(True,)]
