"""The next answer, quota or policy step: files of publishers already read pass gate 1, and broken ones do not."""

from __future__ import annotations

import csv
import io

import polars as pl

from sources.model.artifact import Artifact
from sources.model.source import ParsedTable
from tests.helpers.artifacts import artifact, bundled, parse, parsed, records, table
from warehouse.quality.gates import judge_load

IMPORTS = ("prid", "hs_code", "financial_year", "country", "quantity_tonnes")
SHARES = ("prid", "measure", "hs_code", "period", "share_pct")
QUOTAS = ("year", "quota_type", "earths", "batch", "printed_t", "derived", "page_day", "page_url")
PIB = {"source_code": "pib_india", "partition": "PIB 2209999", "year": 2026}
ANSWER = [
    ("28469090", "2024-25", "CHINA", "700.5"),
    ("28469090", "2024-25", "JAPAN", "10.25"),
    ("28469090", "2024-25", "TOTAL", "710.75"),
]


def failed(read: Artifact, judged: ParsedTable | None = None) -> set[str]:
    """Names of the rules that fail, or cannot be evaluated."""
    return {result.rule for result in judge_load([(read, judged or parse(read))]) if not result.success}


def answer(folder, *rows, **about) -> Artifact:
    data = table(IMPORTS, *(("2209999", *row) for row in rows))
    return artifact(folder, data, layout="extract_pib_imports_tonnes", **(PIB | about))


def quota_table(folder, partition: str, *rows) -> Artifact:
    about = {"source_code": "china_quotas", "layout": "extract_dated_quotas", "partition": partition, "year": 2026}
    return artifact(folder, table(QUOTAS, *rows), **about)


def test_tonnes_of_an_undeclared_release_pass(tmp_path):
    assert failed(answer(tmp_path, *ANSWER)) == set()


def test_tonnes_without_china_or_a_total_or_that_do_not_foot_are_refused(tmp_path):
    asked = "every_code_and_year_has_china_and_one_world_row"
    assert asked in failed(answer(tmp_path, *ANSWER[1:]))
    assert asked in failed(answer(tmp_path, *ANSWER[:2]))
    short = answer(tmp_path, ANSWER[0], ("28469090", "2024-25", "JAPAN", "1.25"), ANSWER[2])
    assert failed(short) == {"weights_of_partners_add_up_to_their_printed_world"}


def test_tonnes_of_a_year_after_the_answer_are_refused(tmp_path):
    assert failed(answer(tmp_path, *ANSWER, year=2023)) == {"rows_are_of_the_partition_they_came_with"}


def test_a_release_that_is_declared_is_held_to_what_it_prints():
    read, whole = bundled()["pib_2117701_imports_tonnes.csv"], parsed("pib_2117701_imports_tonnes.csv")
    assert failed(read, whole) == set()
    part = ParsedTable(whole.spec, whole.frame.filter(pl.col("hs_code") != "2846"), whole.rejects)
    assert failed(read, part) == {"every_code_and_year_has_china_and_one_world_row"}


def test_shares_of_an_undeclared_release_pass_and_more_than_the_whole_does_not(tmp_path):
    for printed, refused in (("92.5", set()), ("192.5", {"share_is_plausible"})):
        data = table(SHARES, ("2209999", "value_share", "85051190", "2025-26", printed))
        rules = failed(artifact(tmp_path, data, layout="extract_pib_import_shares", **PIB))
        assert refused <= rules
        assert bool(rules) == bool(refused)


def quotas(*years: int) -> list[list[str]]:
    """Records of the bundled list and a made-up quota for each of the years."""
    _, *rows = records(bundled()["quotas_2010_2024.csv"].read_bytes())
    return [
        *rows,
        *([str(year), "mining", "all", "year", "280,000", "no", "", "https://example.org"] for year in years),
    ]


def test_a_quota_of_2026_needs_none_of_2025(tmp_path):
    assert failed(quota_table(tmp_path, "China quotas", *quotas(2026))) == set()
    assert failed(quota_table(tmp_path, "China quotas", *quotas(2025, 2026))) == set()


def test_a_year_of_quotas_alone_is_a_partition_of_its_own(tmp_path):
    (of_2026,) = quotas(2026)[-1:]
    assert failed(quota_table(tmp_path, "China quotas/2026", of_2026)) == set()
    assert failed(quota_table(tmp_path, "China quotas", of_2026)) == {
        "no_year_of_mining_is_missing_but_those_known_to_be"
    }


def test_the_whole_list_of_quotas_still_misses_a_year_it_lost(tmp_path):
    rows = [row for row in quotas(2026) if row[0] != "2012"]
    assert failed(quota_table(tmp_path, "China quotas", *rows)) == {
        "no_year_of_mining_is_missing_but_those_known_to_be"
    }


def test_a_policy_step_alone_is_a_partition_of_its_own(tmp_path):
    header, *_ = records(bundled()["policy_events.csv"].read_bytes())
    step = (
        "us-jp-2026-10-05-agreement", "2026-10-05", "day", "2026-10-05", "", "", "", "2026-10-05", "US-JP", "", "", "",
        "statement", "An agreement", "A title", "all REE", "", "support", "", "https://example.org",
    )  # fmt: skip
    about = {"source_code": "policy_events", "layout": "extract_dated_events", "year": 2026}
    for partition, refused in (
        ("Policy events/2026-10", set()),
        ("Policy events", {"the_licences_of_april_2025_are_there"}),
    ):
        assert failed(artifact(tmp_path, table(header, step), partition=partition, **about)) == refused


def test_the_compilers_own_list_loads_without_ids(tmp_path, publisher_files):
    data = (publisher_files / "events" / "policy_events.csv").read_bytes()
    about = {
        "source_code": "policy_events",
        "layout": "extract_events_without_ids",
        "partition": "Policy events/compiled",
    }
    read = artifact(tmp_path, data, year=2026, **about)
    got, held = parse(read), parsed("policy_events.csv")
    assert failed(read, got) == set()
    assert (got.frame.height, got.rejects.height, got.frame["event_id"].n_unique()) == (37, 0, 37)
    added = {"announced_on", "effective_from", "suspended_on", "ended_on", "public_by", "public_basis", "target"} | {
        *("ended_on_precision", "affected_flow", "subject", "event_id", "title"),
    }
    same = [column for column in got.frame.columns if column not in added]
    assert got.frame.select(same).equals(held.frame.head(37).select(same)), "everything but ids, titles, added columns"
    assert "cn-2025-04-04-mofcom-gacc-announcement-no-18-of-2025" in got.frame["event_id"]
    titles = [row["title"] for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))]
    assert all(
        ours == printed or printed.startswith(ours[:-2])
        for ours, printed in zip(got.frame["title"], titles, strict=True)
    )
