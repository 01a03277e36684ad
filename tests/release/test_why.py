"""`ree why`: from a published value to the record in the publisher's bytes."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from warehouse.read.why import WhyError, explain
from warehouse.release.store import database

MAGNETS = (
    "core.fct_trade_flow", "reporter_code=IND", "partner_code=CHN", "flow=import", "product_key=HS:850511",
    "period_start=2024-01-01",
)  # fmt: skip
run = CliRunner().invoke


def section(settings, asked: tuple[str, ...], title: str) -> list[dict[str, object]]:
    found = next(part.result for part in explain(settings, list(asked)) if part.title.startswith(title))
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_a_flow_is_explained_by_the_record_that_the_publisher_wrote(warehouse) -> None:
    (figure,) = section(warehouse, MAGNETS, "The figure")
    assert figure["value_raw"] == "164562345.129"
    (record,) = section(warehouse, MAGNETS, "Records")
    assert record["record"] == 2898
    assert "164562345.129" in record["text"]
    (file,) = section(warehouse, MAGNETS, "Files")
    assert file["sha256"].startswith("e2ea22a1028a0e3d")


def test_a_flow_with_two_sides_shows_both_and_their_gap(warehouse) -> None:
    (both,) = section(warehouse, MAGNETS, "Both sides")
    assert round(both["x_fob_usd"]) == 150_243_096
    assert round(both["m_cif_usd"]) == 164_562_345
    assert both["conflict_class"] == "scope_differs"


def test_an_editions_figure_shows_earlier_statements_and_what_it_rests_on(warehouse) -> None:
    asked = ("fct_production", "country_code=CHN", "year=2023", "source_code=usgs_mcs")
    (figure,) = section(warehouse, asked, "The figure")
    assert (figure["figures"], figure["basis_code"]) == ("production_t_reo 255000", "quota")
    statements = section(warehouse, asked, "Statements")
    assert [(row["edition"], row["figure_value"]) for row in statements] == [
        ("MCS 2024", 240_000),
        ("MCS 2025", 255_000),
    ]
    (record,) = section(warehouse, asked, "Records")
    assert "Production quota" in record["text"]


def test_a_flow_printed_in_parts_shows_every_part(warehouse) -> None:
    asked = (
        "fct_trade_flow", "source_code=china_customs", "product_key=CN:28469099", "period_start=2025-02-01",
    )  # fmt: skip
    texts = [row["text"] for row in section(warehouse, asked, "Records")]
    assert len(texts) == 2
    assert "22,529" in texts[0]
    assert "103,924" in texts[1]


def test_the_mirrors_records_name_their_side(warehouse) -> None:
    asked = (
        "fct_trade_mirror", "exporter_code=CHN", "importer_code=IND", "product_key=HS:850511",
        "period_start=2024-01-01",
    )  # fmt: skip
    assert {row["role"] for row in section(warehouse, asked, "Records")} == {"exporter_report", "importer_report"}


def test_a_typed_cell_names_the_page_it_was_read_on_and_is_not_called_the_publishers_bytes(warehouse) -> None:
    asked = ("fct_quota", "year=2011", "quota_type=mining", "earths=all")
    (page,) = section(warehouse, asked, "Page")
    assert page["page_url"].startswith("https://www.business-standard.com/")
    (record,) = section(warehouse, asked, "Records")
    assert record["text_is"] == "typed from a page"
    (figure,) = section(warehouse, MAGNETS, "Records")
    assert figure["text_is"] == "an extract of the publisher's figures"


def test_a_fact_is_named_by_its_id_too(warehouse) -> None:
    fact_id = section(warehouse, MAGNETS, "Both sides")[0]["importer_fact_id"]
    assert section(warehouse, (fact_id,), "The figure") == section(warehouse, MAGNETS, "The figure")


def test_the_checks_of_the_load_and_of_the_release_stand_beside_it(warehouse) -> None:
    (checks,) = section(warehouse, MAGNETS, "Corrections and checks")
    assert checks["n_checks_before_loading"] >= 25
    assert checks["n_checks_of_its_table"] >= 10
    (figure,) = section(warehouse, MAGNETS, "The figure")
    assert figure["failed_rules"] == "none"


def test_a_code_above_the_heading_of_another_publisher_says_so(warehouse) -> None:
    asked = ("fct_trade_flow", "reporter_code=IND", "partner_code=CHN", "product_key=HS:284690", "period_type=month")
    (failed,) = section(warehouse, (*asked, "period_start=2025-12-01"), "Rules that it fails")
    assert failed["failure_kind"] == "attribution_gap"
    assert failed["words"] == (
        "4.20 times india_tradestat's HS:2846 of 2025-12 (250,000 US$), which holds it;"
        " un_comtrade's own HS:2846 has 1,290,000 US$"
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["fct_trade_flow", "country=IND"], "its columns are fact_id, source_code"),
        (["fct_trade_flow", "reporter_code"], "not column=value"),
        (["fct_nothing", "a=b"], "one of fct_"),
        (["fct_trade_flow"], "more of its columns"),
        (["fct_production", "country_code=CHN", "year=2022"], "2 facts of core.fct_production fit"),
        (["fct_trade_flow", *MAGNETS[1:5], "period_start=1999-01-01"], "period_start could be 2024-01-01"),
        (["0123456789abcdef"], "there is no fact"),
    ],
)
def test_what_is_wrong_missing_or_ambiguous_is_reported_with_what_it_could_be(warehouse, asked, message) -> None:
    with pytest.raises(WhyError) as raised:
        explain(warehouse, asked)
    assert message in str(raised.value)


def test_the_command_line_explains_and_refuses_in_a_sentence(warehouse, at) -> None:
    at(warehouse)
    shown = run(app, ["why", *MAGNETS])
    assert shown.exit_code == 0, shown.output
    assert "164562345.129" in shown.output
    refused = run(app, ["why", "fct_trade_flow", "country=IND"])
    assert refused.exit_code == 1
    assert "Traceback" not in refused.output


def test_every_fact_has_its_why(published) -> None:
    facts = [name for (name,) in published.execute("select distinct table_name from marts.mart_why").fetchall()]
    every = {name for (name,) in published.execute(
        "select table_name from duckdb_tables() where schema_name = 'core' and table_name like 'fct_%'"
    ).fetchall()}  # fmt: skip
    empty = {name for name in every if not published.execute(f"select 1 from core.{name} limit 1").fetchall()}
    assert set(facts) == every - empty
    for table in facts:
        unexplained = published.execute(
            f"select count(*) from core.{table} where fact_id not in (select fact_id from marts.mart_why)"
        ).fetchall()
        assert unexplained == [(0,)], table


def test_one_query_leads_from_a_published_cell_to_the_publishers_bytes(warehouse, published) -> None:
    sha256, row = published.execute(
        "select artifact_sha256, artifact_row from marts.mart_why where figure_key ="
        " 'source_code=usgs_mcs edition=MCS 2025 country_code=CHN year=2023 series=mine_production'"
    ).fetchall()[0]
    landed = warehouse.landing / "sha256" / sha256[:2] / sha256
    assert b"255000" in landed.read_bytes().splitlines()[row]
    assert database(warehouse).exists()
