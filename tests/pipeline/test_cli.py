"""`ree` on a published release: its output, and errors in one sentence."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import re
import shutil
import socket
import time
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from rich.console import Console
from typer.testing import CliRunner

from orchestration.cli import app, console, visit_display
from orchestration.cli.build import PROGRAM
from sources.http.fetcher import Task
from sources.registry import fetchers, sources
from tests.helpers.holders import held
from tests.helpers.unprivileged import make_writable
from warehouse.ingest import fetch_plan
from warehouse.ingest.visit import Visit
from warehouse.ingest.visit_note import write_note
from warehouse.release.publish import publish
from warehouse.release.standing import remember, what_is_read
from warehouse.release.store import current_release
from warehouse.settings import Settings
from warehouse.storage.last_build import last_build, start_build
from warehouse.storage.lock import note_step, sole_writer

run = CliRunner().invoke


def refused(result, *words: str) -> None:
    """The command failed with a sentence that has these words, and without a traceback."""
    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    for word in words:
        assert word in " ".join(result.output.split())


@pytest.fixture
def published_home(warehouse, at) -> Settings:
    at(warehouse)
    return warehouse


@pytest.fixture
def empty_home(tmp_path, at) -> Settings:
    settings = Settings(home=tmp_path / "empty")
    at(settings)
    return settings


@pytest.mark.parametrize("width", [80, 220])
def test_status_shows_the_release_and_its_publishers(published_home, monkeypatch, width) -> None:
    monkeypatch.setattr(console, "out", Console(width=width, markup=False, highlight=False))
    result = run(app, ["status"])
    assert result.exit_code == 0
    assert current_release(published_home).version in result.output
    for source in ("usgs_mcs", "un_comtrade", "india_tradestat", "brazil_comexstat"):
        assert source in result.output.split()
    assert max(map(len, result.output.splitlines())) <= width


def test_a_plan_before_any_fetch_run_shows_what_is_unknown(empty_home, monkeypatch) -> None:
    monkeypatch.setattr(console, "out", Console(width=80))
    result = run(app, ["plan"])
    cells = {row[0]: row[1:3] for row in map(str.split, result.output.splitlines()) if row}
    assert cells["usgs_mcs"] == ["–", "–"]
    assert re.fullmatch(r"1,\d{3}", cells["india_tradestat"][0])
    assert "unknown until then" in " ".join(result.output.split())


def test_a_plan_with_retry_times_fits_eighty_columns(empty_home, monkeypatch) -> None:
    moment = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
    task = Task("A/IND/2024", date(2024, 1, 1), date(2024, 12, 31), 9_306, 2_036_100, "not asked for yet")
    monkeypatch.setattr(console, "out", Console(width=80))
    monkeypatch.setattr(
        fetch_plan, "plan", lambda _, source, __: fetch_plan.Plan(source.code, (task,), moment, 500, moment)
    )
    lines = run(app, ["plan"]).output.splitlines()
    for code in fetchers():
        assert any(f"{code} " in line for line in lines), lines
        assert f"{code}: no requests before 2026-11-24 18:30 UTC." in lines
    assert sum("9,306" in line and "2026-11-24 18:30" in line for line in lines) == len(fetchers()), lines
    assert max(map(len, lines)) <= 80


def test_a_plan_says_what_it_costs_and_what_a_free_key_would_save(empty_home, monkeypatch) -> None:
    def words() -> str:
        return " ".join(run(app, ["plan", "--source", "un_comtrade"]).output.split())

    cost = fetch_plan.plan(empty_home, sources()["un_comtrade"])
    assert cost.calls_with_key is not None
    assert cost.calls_with_key < cost.calls / 10
    days = 1 + -(-(cost.calls - 500) // 500)
    assert f"{cost.calls:,} calls, about {days} days at 500 calls a day" in words()
    assert f"With a free key (REE_UN_COMTRADE__KEY): {cost.calls_with_key} calls, about" in words()
    monkeypatch.setenv("REE_UN_COMTRADE__KEY", "a-key-of-the-test")
    assert f"un_comtrade: {cost.calls_with_key} calls, about" in words()
    assert "free key" not in words()


def test_a_publisher_without_the_setting_it_needs_is_not_asked_and_the_plan_says_so(empty_home, monkeypatch) -> None:
    sentences = {
        "us_census": "us_census: not asked without REE_US_CENSUS__KEY.",
        "eurostat_comext": "eurostat_comext: not asked without REE_EUROSTAT_COMEXT__FETCH.",
    }

    def words(*command: str) -> str:
        return " ".join(run(app, [*command]).output.split())

    whole = words("plan")
    for code, sentence in sentences.items():
        assert sentence in whole
        refused(run(app, ["backfill", code]), sentence.replace(":", " is", 1).rstrip("."))
    monkeypatch.setenv("REE_US_CENSUS__KEY", "a-key-of-the-test")
    monkeypatch.setenv("REE_EUROSTAT_COMEXT__FETCH", "true")
    for code, sentence in sentences.items():
        assert sentence not in words("plan", "--source", code)
    calls = fetch_plan.plan(Settings(home=empty_home.home), sources()["us_census"]).calls
    assert calls > 200
    assert f"us_census: {calls} calls" in words("plan", "--source", "us_census")


def test_status_names_the_publishers_that_live_builds_do_not_ask(published_home, monkeypatch) -> None:
    sentence = "us_census: not asked without REE_US_CENSUS__KEY."
    assert sentence not in " ".join(run(app, ["status"]).output.split()), "no publisher is asked with the snapshot"
    monkeypatch.setenv("REE_SOURCES", "live")
    assert sentence in " ".join(run(app, ["status"]).output.split())


def test_a_plan_counts_time_by_the_pause_and_says_so_if_it_begins_with_the_newest() -> None:
    def cost(*years: int, calls: int = 1, **plan: object) -> str:
        tasks = tuple(Task(f"{year}", date(year, 1, 1), date(year, 12, 31), calls, None, "listed") for year in years)
        return fetch_plan.Plan("usgs_mcs", tasks, None, None, None, **plan).cost

    assert cost() == ""
    assert cost(2024, pause_s=2.0) == "1 call, about 2 s."
    assert cost(2026, 2025, calls=600, pause_s=3.0) == "1,200 calls, about 1 h, newest first."
    assert cost(2025, 2026, calls=2) == "4 calls."


def test_status_shows_the_visits_of_the_build_that_runs(empty_home) -> None:
    visit = Visit("un_comtrade", pause_s=1.5)
    visit.begin()
    visit.plan([Task(f"{n}", date(2024, 1, 1), date(2024, 1, 31), 9, None, "listed") for n in range(1_089)])
    visit.finish_tasks(120)
    with sole_writer(empty_home, "run 42"):
        write_note(empty_home, [visit.state])
        text = run(app, ["status"]).output
    assert "Being fetched: un_comtrade: 120 of 1,089 tasks, 0 calls since 20" in text
    assert "UTC, about 3 h 38 min left" in text
    assert "Being fetched" not in run(app, ["status"]).output


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_is_a_display_on_a_terminal_and_lines_elsewhere(empty_home, monkeypatch, is_terminal: bool) -> None:
    written = io.StringIO()
    terminal = Console(file=written, width=80, force_terminal=is_terminal, markup=False, highlight=False)
    monkeypatch.setattr(console, "out", terminal)
    monkeypatch.setattr(visit_display, "_REFRESHED_EVERY_S", 0.01)
    waiting, running = Visit("usgs_mcs"), Visit("un_comtrade", pause_s=1.5)
    running.begin()
    running.plan([Task(f"{n}", date(2024, 1, 1), date(2024, 1, 31), 9, None, "listed") for n in range(1_089)])
    with sole_writer(empty_home, "run 42"), visit_display.shown_visits(empty_home):
        write_note(empty_home, [waiting.state, running.state])
        time.sleep(0.3)
        waiting.end()
        running.finish_tasks(1_089)
        running.end()
        write_note(empty_home, [waiting.state, running.state])
        time.sleep(0.3)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.getvalue())
    line = logging.LogRecord("ree.visits", logging.INFO, "", 0, "1 of 2 publishers visited", None, None)
    assert visit_display.hide_minute_lines(line) is not is_terminal
    if not is_terminal:
        assert shown == ""
        return
    frames = [frame.split("all publishers")[0] for frame in shown.split("usgs_mcs")]
    assert any("0/1,089 tasks" in frame and "4 h 5 min left" in frame for frame in frames), frames
    assert "2/2 visited" in shown
    assert max(map(len, shown.replace("\r", "\n").splitlines())) <= 80


def test_sql_answers_from_the_published_release(published_home) -> None:
    query = "select production_t_reo from core.fct_production where country_code = 'CHN' and edition = 'MCS 2024'"
    result = run(app, ["sql", query, "--format", "table"])
    assert result.exit_code == 0
    assert "240,000" in result.output


def test_sql_writes_csv_that_reads_back(published_home) -> None:
    result = run(app, ["sql", "--format", "csv", "select area_code, area_name from core.dim_area order by 1"])
    rows = list(csv.reader(io.StringIO(result.output)))
    assert rows[0] == ["area_code", "area_name"]
    assert len(rows) > 200


def test_sql_reads_a_file(published_home, tmp_path) -> None:
    file = tmp_path / "question.sql"
    file.write_text("select 6 * 7 as answer", encoding="utf-8")
    assert "42" in run(app, ["sql", str(file)]).output


@pytest.fixture
def terminal(published_home, monkeypatch) -> Settings:
    """The command line prints to a terminal of 80 columns, without colours."""
    monkeypatch.setattr(console, "out", Console(width=80, force_terminal=True, color_system=None, markup=False))
    return published_home


def test_a_wide_table_fits_a_terminal_of_eighty_columns_and_names_the_columns_it_leaves_out(terminal) -> None:
    result = run(app, ["sql", "from mart_corridor"])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert max(map(len, lines)) <= 80
    with duckdb.connect(str(terminal.published / "rare_earths.duckdb"), read_only=True) as con:
        columns = [name for name, *_ in con.execute("describe marts.mart_corridor").fetchall()]
    told = " ".join(lines[-20:])
    assert [
        name for name in columns if name not in lines[0].split() and f"{name}," not in f"{told} ".replace(" ", ", ")
    ] == []
    assert "first 40 rows" in lines[-1]


def test_a_pipe_gets_every_row_and_column_as_csv(published_home) -> None:
    result = run(app, ["sql", "from mart_corridor"])
    rows = list(csv.reader(io.StringIO(result.output)))
    assert len(rows) > 1_000
    assert len(rows[0]) > 40
    assert "…" not in result.output
    asked = run(app, ["sql", "from mart_corridor", "--format", "table"]).output.splitlines()
    assert len(asked) == len(rows) + 1


@pytest.mark.parametrize(
    ("query", "day"),
    [
        ("from mart_corridor", []),
        ("describe mart_corridor", []),
        ("from lineage", []),
        ("from fct_production", ["--as-of", "2026-11-24"]),
    ],
)
def test_a_table_needs_no_schema(published_home, query, day) -> None:
    assert run(app, ["sql", *day, query, "--limit", "1"]).exit_code == 0


def meta(home: Settings, table: str) -> pl.DataFrame:
    """A table of meta, from Parquet: a process cannot open the database twice in different ways."""
    return pl.read_parquet(home.published / "parquet" / "meta" / f"{table}.parquet")


def test_every_table_is_listed_and_shown_by_show_tables(published_home) -> None:
    names = set(meta(published_home, "data_dictionary")["table_name"])
    listed = {line.split()[1] for line in run(app, ["tables"]).output.splitlines()[2:-1]}
    assert listed == names
    assert set(run(app, ["sql", "show tables"]).output.split()[1:]) == names
    assert {line.split()[0] for line in run(app, ["tables", "meta"]).output.splitlines()[2:-1]} == {"meta"}
    refused(run(app, ["tables", "mart"]), "There is no schema 'mart'", "marts")


@pytest.mark.parametrize("name", ["mart_corridor", "MARTS.mart_corridor"])
def test_describe_shows_columns_units_warnings_and_examples(published_home, name) -> None:
    text = run(app, ["describe", name]).output
    of_table = pl.col("table_name") == "mart_corridor"
    for row in meta(published_home, "data_dictionary").filter(of_table).iter_rows(named=True):
        assert f"\n{row['column_name']}  " in text
        assert " ".join(row["description"].split()) in " ".join(text.split())
    assert "importer_cif_usd  double, US$, such as " in text
    for meaning in meta(published_home, "usage_warnings").filter(of_table)["meaning"]:
        assert meaning in text


def test_describe_of_an_unknown_table_names_the_nearest(published_home) -> None:
    refused(run(app, ["describe", "marts.mart_coridor"]), "marts.mart_corridor", "ree tables")


@pytest.mark.parametrize("suffix", ["csv", "json", "md", "parquet", "txt"])
def test_the_name_of_a_file_says_its_format(published_home, tmp_path, suffix) -> None:
    file = tmp_path / f"areas.{suffix}"
    assert run(app, ["sql", "from dim_area", "--output", str(file)]).exit_code == 0
    assert file.stat().st_size > 1_000
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [file.name]
    if suffix == "parquet":
        assert pl.read_parquet(file).height > 200


@pytest.mark.parametrize(
    ("query", "name", "words"),
    [
        ("select 1", "a.xls", "--format"),
        ("select 1", "nowhere/a.csv", "cannot be written"),
        ("select interval 1 month as a", "a.parquet", "cast the column"),
        ("from nothing", "a.csv", "does not exist"),
        ("select error('late') from range(10)", "a.csv", "late"),
    ],
)
def test_a_file_that_cannot_be_written_is_a_sentence_and_nothing_is_left_of_it(
    published_home, tmp_path, query, name, words
) -> None:
    refused(run(app, ["sql", query, "--output", str(tmp_path / name)]), words)
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_query_may_come_from_standard_input(published_home) -> None:
    assert run(app, ["sql", "-"], input="-- a comment\nselect 6 * 7 as answer\n").output == "answer\n42\n"
    refused(run(app, ["sql", "-"], input=b"\xff"), "UTF-8")


def test_a_query_may_begin_with_a_comment(published_home) -> None:
    refused(run(app, ["sql", "-- nothing but a comment"]), "there is no query")
    query = "-- the answer\nselect 6 * 7 as answer"
    for words in (["sql", query, "--format", "csv"], ["sql", "--format", "csv", "--", query]):
        assert run(app, words).output == "answer\n42\n"
    assert run(app, ["sql", "--no-such-option", "select 1"]).exit_code == 2


def test_open_shows_the_pages_of_the_release_or_says_where_they_are(copy_of_small, at, monkeypatch) -> None:
    at(copy_of_small)
    shutil.rmtree(copy_of_small.published / "site", ignore_errors=True)
    refused(run(app, ["open"]), "This release has no pages", "ree build")
    page = copy_of_small.published / "site" / "index.html"
    page.parent.mkdir()
    page.write_text("<!doctype html>", encoding="utf-8")
    for has_browser, words in ((True, "Opened"), (False, "There is no browser here")):
        opened: list[str] = []
        monkeypatch.setattr("webbrowser.open", lambda url, has=has_browser, to=opened: to.append(url) or has)
        result = run(app, ["open"])
        assert result.exit_code == 0
        assert result.output.startswith(words)
        assert str(page) in result.output
        assert opened == [page.as_uri()]


def test_tables_are_printed_row_by_row_where_they_do_not_fit(published_home, monkeypatch) -> None:
    """At 80 columns no word is broken: the statements of a figure do not fit beside each other."""
    monkeypatch.setattr(console, "out", Console(width=80, markup=False, highlight=False))
    text = run(app, ["why", "fct_production", "country_code=CHN", "year=2023", "edition=MCS 2024"]).output
    assert max(map(len, text.splitlines())) <= 80
    for whole in (
        "production_t_reo",
        "2025-02-28",
        "240,000",
        "e157083754cc84f6f7b6b6d5d1fb68280ecb8213687e09377a1707a69e02d6eb",
    ):
        assert whole in text.split()


def test_sql_reports_that_rows_were_left_out(published_home) -> None:
    result = run(app, ["sql", "from core.dim_area", "--limit", "3", "--format", "table"])
    assert "first 3 rows" in result.output


def test_sql_cannot_write(published_home) -> None:
    refused(run(app, ["sql", "delete from core.dim_area"]), "read-only")


def test_sql_with_an_error_names_it(published_home) -> None:
    refused(run(app, ["sql", "select * from core.no_such_table"]), "no_such_table")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "there is no query"),
        ("-- nothing but a comment", "there is no query"),
        (" ;; ", "there is no query"),
        ("select 1; select 2", "these are 2 queries: run them one by one"),
        ("selec 1", "syntax error"),
        ("select ?", "parameters"),
        ("copy (select 1) to 'landing/ledger.jsonl'", "disabled by configuration"),
        ("from read_text('/etc/hostname')", "disabled by configuration"),
    ],
)
@pytest.mark.parametrize("as_of", [[], ["--as-of", "2026-11-24"]], ids=["now", "as of a day"])
def test_sql_refuses_what_is_not_one_query_of_the_release(published_home, query, words, as_of) -> None:
    refused(run(app, ["sql", *as_of, "--", query]), words)


def test_sql_of_a_file_without_a_query_or_that_is_no_text_is_one_sentence(published_home, tmp_path) -> None:
    file = tmp_path / "question.sql"
    file.write_text("-- nothing but a comment\n", encoding="utf-8")
    refused(run(app, ["sql", str(file)]), "there is no query")
    file.write_bytes(b"select '\xff'")
    refused(run(app, ["sql", str(file)]), "UTF-8")


def test_a_negative_limit_is_refused(published_home) -> None:
    result = run(app, ["sql", "--limit", "-1", "select 1"])
    assert result.exit_code == 2
    assert "--limit" in result.output


def test_sql_of_a_missing_file_is_one_sentence(published_home) -> None:
    refused(run(app, ["sql", "no_such_file.sql"]), "no_such_file.sql")


def test_releases_marks_the_current_one(published_home) -> None:
    result = run(app, ["releases"])
    assert result.exit_code == 0
    assert "→" in result.output


def test_diff_of_a_single_release_is_refused(published_home) -> None:
    refused(run(app, ["diff"]), "need two releases")


def test_rollback_of_the_first_release_is_refused(copy_of_small, at) -> None:
    at(copy_of_small)
    refused(run(app, ["rollback"]), "before the current one")


def test_diff_and_rollback_after_a_second_release(copy_of_small, candidate, at) -> None:
    first = current_release(copy_of_small).version
    publish(copy_of_small, candidate(copy_of_small, "update core.dim_stage set description = 'changed'"))
    at(copy_of_small)
    shown = run(app, ["diff"])
    assert shown.exit_code == 0
    assert "core.dim_stage" in shown.output
    assert run(app, ["rollback"]).exit_code == 0
    assert current_release(copy_of_small).version == first
    assert "are identical" in run(app, ["diff", first, first]).output


def test_doctor_finds_nothing_wrong_with_a_built_warehouse(published_home) -> None:
    result = run(app, ["doctor"])
    assert result.exit_code == 0, result.output
    assert "wrong" not in result.output


def test_doctor_names_damaged_bytes_and_what_to_do(copy_of_small, at) -> None:
    damaged = next(path for path in (copy_of_small.landing / "sha256").rglob("*") if path.is_file())
    damaged.write_bytes(b"")
    at(copy_of_small)
    result = run(app, ["doctor"])
    assert result.exit_code == 1
    assert "1 damaged" in result.output


def test_doctor_finds_a_published_file_that_cannot_be_read(copy_of_small, at) -> None:
    file = copy_of_small.published.resolve() / "rare_earths.duckdb"
    make_writable(file.parent)
    file.write_bytes(b"not a database")
    at(copy_of_small)
    refused(run(app, ["doctor"]), "rare_earths.duckdb was changed since publication", "ree build")


@pytest.mark.parametrize("harm", ["changed", "unreadable", "deleted", "meta"])
def test_status_says_that_a_release_is_damaged_and_what_to_do(copy_of_small, candidate, at, harm) -> None:
    first = current_release(copy_of_small)
    second, *_ = publish(copy_of_small, candidate(copy_of_small, "update core.dim_stage set description = 'changed'"))
    make_writable(second.folder)
    file = second.folder / "rare_earths.duckdb"
    if harm == "changed":
        with duckdb.connect(str(file)) as con:
            con.execute("update core.fct_production set production_t_reo = 1")
    elif harm == "unreadable":
        file.write_bytes(b"not a database")
    elif harm == "deleted":
        file.unlink()
    else:
        file = second.folder / "parquet" / "meta" / "release.parquet"
        file.write_bytes(b"")
    at(copy_of_small)
    refused(
        run(app, ["status"]),
        f"Release {second.version} is not what was published.",
        file.name,
        f"Publish a fresh release with `ree build`, or go back to an intact one with `ree rollback {first.version}`",
    )
    refused(run(app, ["diff"]), f"release {second.version} is damaged")
    assert run(app, ["releases"]).exit_code == 0
    assert run(app, ["rollback"]).exit_code == 0
    assert current_release(copy_of_small).version == first.version


@pytest.mark.parametrize("command", [["status"], ["sql", "select 1"], ["why", "fct_quota"]])
def test_a_release_that_another_process_holds_is_reported_with_the_process(copy_of_small, at, command) -> None:
    """Whoever opened the published file for writing shuts every reader out until the process ends."""
    file = copy_of_small.published.resolve() / "rare_earths.duckdb"
    make_writable(file.parent)
    at(copy_of_small)
    with held(file, "writer") as pid:
        result = run(app, command)
    refused(result, f"is open in process {pid}", "open it read-only")
    assert "rollback" not in result.output


def test_status_shows_the_build_that_runs_and_how_the_last_one_ended(copy_of_small, at) -> None:
    at(copy_of_small)
    with sole_writer(copy_of_small, "run 42"):
        start_build(copy_of_small, "42")
        note_step(copy_of_small, "models")
        text = run(app, ["status"]).output
    assert f"Being written: run 42 (process {os.getpid()} on {socket.gethostname()}) since 20" in text
    assert "now at models" in text
    assert "Last build: running" in text
    assert "Last build: interrupted" in run(app, ["status"]).output


def test_releases_names_an_orphan(copy_of_small, at) -> None:
    orphan = copy_of_small.releases / "2026.01.01.7"
    shutil.copytree(copy_of_small.published.resolve(), orphan)
    at(copy_of_small)
    text = run(app, ["releases"]).output
    assert "2026.01.01.7 was never published" in text
    assert text.count("2026.01.01.7") == 1


def test_doctor_prints_the_content_hash_and_finds_figures_changed_since_they_were_published(copy_of_small, at) -> None:
    at(copy_of_small)
    recorded = current_release(copy_of_small).about["content_hash"]
    assert recorded in run(app, ["doctor"]).output
    make_writable(copy_of_small.published.resolve())
    with duckdb.connect(str(copy_of_small.published.resolve() / "rare_earths.duckdb")) as con:
        con.execute("update core.fct_production set production_t_reo = 241000 where production_t_reo = 240000")
    result = run(app, ["doctor"])
    assert result.exit_code == 1
    assert "changed since" in " ".join(result.output.split())


def test_diff_of_a_folder_without_a_release_is_refused(published_home) -> None:
    refused(run(app, ["diff", "./nowhere/at all"]), "is not a release", "data_dictionary.parquet")


def test_diff_lists_the_cells_of_another_machines_release(copy_of_small, tmp_path, at) -> None:
    at(copy_of_small)
    theirs = shutil.copytree(copy_of_small.published.resolve(), tmp_path / "their release")
    assert "are identical" in run(app, ["diff", str(theirs)]).output
    table = theirs / "parquet" / "core" / "fct_trade_mirror.parquet"
    rows = pl.read_parquet(table)
    rows.with_columns(cif_ratio=pl.col("cif_ratio") * (1 + 1e-15)).write_parquet(table)
    shown = run(app, ["diff", str(theirs)])
    assert shown.exit_code == 0
    assert "fct_trade_mirror" in shown.output
    assert "cif_ratio" in shown.output


def test_doctor_of_an_empty_home_names_what_is_missing(empty_home) -> None:
    refused(run(app, ["doctor"]), "none yet")


@pytest.mark.parametrize("command", [["status"], ["sql", "select 1"]], ids=" ".join)
def test_a_query_of_an_empty_home_names_the_command_that_fills_it(empty_home, command) -> None:
    refused(run(app, command), "ree build")
    assert not empty_home.home.exists()


def test_rollback_waits_for_no_other_writer_and_names_it(copy_of_small, at) -> None:
    at(copy_of_small)
    with sole_writer(copy_of_small, "a long build"):
        refused(run(app, ["rollback"]), "a long build")


def test_a_build_during_another_write_is_refused_and_names_the_writer(copy_of_small, at) -> None:
    at(copy_of_small)
    before = current_release(copy_of_small).version
    with sole_writer(copy_of_small, "a long build"):
        refused(run(app, ["build"]), "is being written by", "a long build")
    assert current_release(copy_of_small).version == before


def test_a_build_whose_work_file_is_open_elsewhere_names_the_process(copy_of_small, at) -> None:
    at(copy_of_small)
    before = current_release(copy_of_small).version
    with held(copy_of_small.work_file, "reader") as pid:
        refused(run(app, ["build"]), f"work.duckdb is open in process {pid}", "Close it there", "needs this file")
    assert current_release(copy_of_small).version == before
    assert last_build(copy_of_small).startswith("refused, started")


def test_a_second_build_of_a_built_home_makes_no_run(copy_of_small, at, monkeypatch, snapshot_of) -> None:
    """A copied home has other inodes, so what its build had read is recorded here."""
    at(copy_of_small)
    monkeypatch.setenv("REE_SNAPSHOT", str(snapshot_of().folder))
    settings, release = Settings(), current_release(copy_of_small)
    read = what_is_read(settings, PROGRAM)
    assert read is not None
    remember(settings, release.about["build_id"], read)

    def state() -> tuple[list[str], int]:
        runs = settings.dagster_home / "history" / "runs"
        return sorted(path.name for path in runs.iterdir()), settings.work_file.stat().st_mtime_ns

    before = state()
    built = run(app, ["build"])
    assert (built.exit_code, built.output) == (
        0, f"Nothing changed: release {release.version} stays current in {settings.published}\n",
    )  # fmt: skip
    assert state() == before
    assert last_build(settings).startswith("unchanged, started")


def test_a_build_of_an_unknown_publisher_lists_the_known_ones(copy_of_small, at) -> None:
    at(copy_of_small)
    refused(run(app, ["build", "--source", "wto"]), "wto", "usgs_mcs")


def test_an_invalid_setting_is_refused_by_name(published_home, monkeypatch) -> None:
    monkeypatch.setenv("REE_THREADS", "none")
    result = run(app, ["status"])
    assert result.exit_code != 0
    assert "threads" in result.output + str(result.exception)


def test_the_help_names_every_command() -> None:
    text = run(app, ["--help"]).output
    assert all(name in text for name in ("build", "status", "sql", "releases", "diff", "rollback", "doctor"))


def test_the_published_folder_is_a_link_into_the_releases(published_home) -> None:
    assert published_home.published.is_symlink()
    package = json.loads((published_home.published / "datapackage.json").read_text(encoding="utf-8"))
    assert Path(published_home.published).resolve().name == package["version"]
