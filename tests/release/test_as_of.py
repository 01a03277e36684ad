"""The as-of predicate gives, for every fact, what a build on that day would have given."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from tests.helpers.restating import restate
from tests.helpers.violators import assert_none
from warehouse.facts import facts
from warehouse.read.as_of import known, mark_rules, query_as_of, write_as_of
from warehouse.read.query import QueryError
from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.work import write_as_of_day
from warehouse.transform import dbt as transform

NOT_BUNDLED = {"fct_trade_via"}
FACTS = {fact.table: fact for fact in facts().values() if fact.is_stated and fact.table not in NOT_BUNDLED}
CHINAS_2023 = "from core.fct_production where country_code = 'CHN' and year = 2023"
run = CliRunner().invoke


def seen_on(con, table: str, day: date) -> str:
    """The query for what a fact held on a day, in the file that is open."""
    (catalog,) = con.execute("select current_database()").fetchone()
    return known(f"{catalog}.core.{table}", mark_rules(con, catalog).get(table, {}), day)


def judged_by_the_day(table: str) -> str:
    """What of a published fact does not follow from the other facts of the release."""
    return f"(select columns(name -> name <> 'failed_rules') from {table} where is_latest)"


def facts_of(settings: Settings, work_file: Path) -> Path:
    """Build core alone from a work file; return the file of facts."""
    shutil.copyfile(work_file, settings.work_file)
    transform.create_candidate(settings)
    write_as_of_day(settings)
    results = transform.run_command(
        settings, "building", ["run", "--select", "+path:models/core", "path:models/meta/as_of_rules.sql"]
    )
    assert [(r.unique_id, r.message) for r in results if not r.ok] == []
    return settings.candidate_file


@pytest.fixture(scope="module")
def restated(tmp_path_factory, small) -> tuple[Settings, Path, Path, list[date]]:
    """A home of its own, a work file in which every kind of partition was released again, and its facts."""
    root = tmp_path_factory.mktemp("restated")
    settings = Settings(home=root / "home")
    settings.work_file.parent.mkdir(parents=True)
    work = shutil.copyfile(small.work_file, root / "work.duckdb")
    days = restate(work, seed=20250404)
    facts = shutil.copyfile(facts_of(settings, work), root / "facts.duckdb")
    return settings, work, facts, days


def test_every_fact_was_released_again_with_figures_revised_and_withdrawn(restated) -> None:
    with duckdb.connect(str(restated[2]), read_only=True) as con:
        for table in FACTS:
            ended, active = con.execute(
                f"select count(*) filter (where not is_latest), count(*) filter (where is_latest) from core.{table}"
            ).fetchall()[0]
            assert ended > 0, table
            assert active > 0, table


@pytest.mark.parametrize(
    "share", [0.35, 0.75, *(pytest.param((2 * n + 1) / 40, marks=pytest.mark.long) for n in range(20))]
)
def test_the_predicate_gives_what_a_build_on_that_day_would_have_given(restated, tmp_path, share) -> None:
    settings, work, built_facts, days = restated
    day = days[int(share * len(days))]
    rebuilt = shutil.copyfile(facts_of(settings.model_copy(update={"as_of_day": day}), work), tmp_path / "then.duckdb")
    with duckdb.connect(str(built_facts), read_only=True) as con:
        con.execute(f"attach '{rebuilt}' as rebuilt (read_only)")
        for table in FACTS:
            seen = f"({seen_on(con, table, day)})"
            built = f"(select * replace (null::date as known_to) from {judged_by_the_day(f'rebuilt.core.{table}')})"
            for one, other in ((seen, built), (built, seen)):
                assert con.execute(f"from {one} except all from {other} limit 3").fetchall() == [], (table, day)


def test_on_every_day_a_thing_is_said_once(restated) -> None:
    _, _, built_facts, days = restated
    with duckdb.connect(str(built_facts), read_only=True) as con:

        def twice(table: str, day: date) -> list[tuple[object, ...]]:
            key = ", ".join(part for part in FACTS[table].key if part != "edition")
            seen = seen_on(con, table, day)
            return con.execute(f"select {key} from ({seen}) group by all having count(*) > 1 limit 3").fetchall()

        around = sorted({moment + timedelta(days=step) for moment in days for step in (-1, 0)})
        assert around
        assert_none(f"{table}, {day}: {row}" for table in FACTS for day in around for row in twice(table, day))


def test_on_the_last_day_the_marks_are_the_releases_own(warehouse) -> None:
    with duckdb.connect(str(database(warehouse)), read_only=True) as con:

        def differing(table: str) -> list[tuple[object, ...]]:
            seen = f"({seen_on(con, table, date(2099, 1, 1))})"
            latest = judged_by_the_day(f"core.{table}")
            pairs = ((seen, latest), (latest, seen))
            return [
                row
                for one, other in pairs
                for row in con.execute(f"from {one} except all from {other} limit 3").fetchall()
            ]

        assert_none(f"{table}: {row}" for table in FACTS for row in differing(table))


def test_a_day_has_a_database_of_its_own_that_says_what_it_lacks(warehouse, tmp_path) -> None:
    written = write_as_of(warehouse, date(2024, 12, 31), tmp_path / "then.duckdb")
    with duckdb.connect(str(written.path), read_only=True) as con:
        known_then = con.execute(f"select edition, production_t_reo, is_latest {CHINAS_2023}").fetchall()
        assert known_then == [("MCS 2024", 240_000, True)]
        for table in FACTS:
            later = con.execute(f"select count(*) from core.{table} where known_from > date '2024-12-31'").fetchall()
            assert later == [(0,)], table
        assert con.execute("select as_of::varchar from meta.release").fetchall() == [("2024-12-31",)]
        left_out = {table for (table,) in con.execute("select table_name from meta.left_out").fetchall()}
        assert {"core.fct_trade_mirror", "marts.mart_corridor", "meta.failed_rules"} <= left_out
        assert "failed_rules" not in con.table("core.fct_trade_flow").columns
        without = con.execute(
            "select count(*) from core.fct_production where fact_id not in (select fact_id from meta.lineage)"
        ).fetchall()
        assert without == [(0,)]


def test_a_file_that_is_there_is_not_written_over(warehouse, tmp_path, at) -> None:
    at(warehouse)
    there = tmp_path / "mine.duckdb"
    there.write_bytes(b"mine")
    result = run(app, ["as-of", "2025-03-01", "--to", str(there)])
    assert result.exit_code == 1
    assert "is there already" in " ".join(result.output.split())
    assert there.read_bytes() == b"mine"


def test_the_command_line_writes_and_asks_what_was_known(warehouse, tmp_path, at) -> None:
    at(warehouse)
    written = run(app, ["as-of", "2025-03-01", "--to", str(tmp_path / "then.duckdb")])
    assert written.exit_code == 0, written.output
    assert "fct_production" in written.output
    query = f"select production_t_reo {CHINAS_2023} and is_preferred"
    assert "240000" in run(app, ["sql", "--as-of", "2024-12-31", query]).output
    assert "255000" in run(app, ["sql", "--as-of", "2025-12-31", query]).output


def test_a_mart_asked_as_of_a_day_is_refused_and_not_served_stale(warehouse) -> None:
    with pytest.raises(QueryError, match="mart_corridor"):
        query_as_of(warehouse, date(2025, 3, 1), "from marts.mart_corridor")


@pytest.mark.slow
def test_a_release_may_end_at_an_earlier_day_and_lacks_what_became_known_later(
    build, snapshot_of, copy_of_small
) -> None:
    day = date(2025, 6, 30)
    settings, outcome = build(copy_of_small.home, snapshot=snapshot_of().folder, as_of_day=day)
    assert outcome.success, "\n".join(outcome.errors)
    with duckdb.connect(str(database(settings)), read_only=True) as con:
        assert con.execute("select as_of_day from meta.release").fetchall() == [(day,)]
        quotas = con.execute("select count(*), max(known_basis) from core.fct_quota").fetchall()
        assert quotas == [(41, "stated")], "those whose page has a day; the others are known from the list's day"
        for table in FACTS:
            assert con.execute(f"select count(*) from core.{table} where known_from > ?", [day]).fetchall() == [(0,)]
        mirror = "select max(known_from) <= ?, min(method_version) from core.fct_trade_mirror"
        [(is_known, version)] = con.execute(mirror, [day]).fetchall()
        assert is_known
        assert version.startswith("weighted_3-prior-"), "no panel was known that day, and no later one is in the mirror"
        warned = con.execute("select rule from meta.validation_results where gate = 2 and not success").fetchall()
    assert ("has_at_least_one_row",) in warned
