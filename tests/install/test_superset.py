"""Superset started from `deploy/superset`: right charts, nothing written, the next release seen without a restart.

It is started as `make bi-demo` does it, on a copy of the whole warehouse.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.helpers.homes import copy_home
from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none, assert_same
from tests.install.superset_client import Rows, Superset, axis, params_of, query_of
from tests.install.test_serve import commands_of, free_port
from warehouse.release.catalogue import described_tables
from warehouse.release.publish import publish
from warehouse.release.store import current_release, database
from warehouse.settings import Settings

pytestmark = pytest.mark.long

FOLDER = PROJECT / "deploy" / "superset"
ACCOUNTS = (
    "exporter_code = 'CHN' and importer_code = 'IND' and product_key = 'HS:284690' and period_type = 'month'"
    " and (exporter_fob_usd is not null or importer_cif_usd is not null)"
)
CHARTS = {
    "China to India by month, US$: two accounts of one trade": "select period_start, exporter_fob_usd, importer_cif_usd"
    f" from marts.mart_corridor where {ACCOUNTS}",
    "China's share of India's magnet imports, by value": "select period_start, china_value_share, china_value_share_low"
    " from marts.mart_magnet_dependence where importer_code = 'IND' and supply_basis = 'reference'"
    " and product_key = 'HS:850511'",
    "World mine production, t of rare-earth oxide": "select period_start, country_name, production_t_reo"
    " from bi.production where production_t_reo > 0",
    "Reserves, t of rare-earth oxide": "select country_name, reserves_t_reo from bi.reserves"
    " where reserves_t_reo is not null",
    "India's trade with the world by fiscal year, US$": "select period_label, stage_name, stage_imports_usd,"
    " stage_exports_usd from bi.supply_balance where stage_code in ('compound', 'magnet')",
    "Release": "select version, as_of_day, schema_version from meta.release",
}
"""Each chart of the dashboard and the rows that it has to show."""
READER = """import duckdb, json, sys
con = duckdb.connect(sys.argv[1], read_only=True)
print(json.dumps(con.execute(sys.argv[2]).fetchall(), default=str))
"""
REFRESH = "[data-test='refresh-button']"


@pytest.fixture(scope="module")
def home(warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of the whole warehouse that these tests publish into."""
    folder = tmp_path_factory.mktemp("superset") / "home"
    copy_home(warehouse.home, folder)
    return Settings(home=folder, lock_timeout_s=0)


@pytest.fixture(scope="module")
def superset(home: Settings, environment: Callable[[Path], str]) -> Iterator[Superset]:
    """Superset on that home, started from the files."""
    python = Path(environment(FOLDER / "requirements.lock"))
    command = [sys.executable, str(FOLDER / "demo.py"), "--superset", str(python.parent.parent)]
    with subprocess.Popen(
        [*command, "--port", str(free_port())],
        env=os.environ | {"REE_HOME": str(home.home)}, stdout=subprocess.PIPE, text=True,
    ) as demo:  # fmt: skip
        assert demo.stdout is not None
        printed = "".join(takewhile(lambda line: not line.startswith("Only this machine"), demo.stdout))
        log = home.home / "superset" / "superset.log"
        found = re.search(r"(http://127\.0\.0\.1:\d+)/.*password (\S+)", printed, re.DOTALL)
        assert found, printed + log.read_text(encoding="utf-8")[-3000:]
        yield Superset(found[1], found[2])
        demo.terminate()


@pytest.fixture(scope="module")
def views(home: Settings) -> dict[str, Mapping[str, Any]]:
    """What each view of `bi` declares about its numbers, by its name."""
    return {table.name: table.sums for table in described_tables(home).values() if table.schema == "bi"}


def published(home: Settings, query: str) -> Rows:
    """Rows of the release, read by another process while Superset runs; days as texts."""
    done = subprocess.run(
        [sys.executable, "-c", READER, str(database(home)), query], capture_output=True, text=True, check=True
    )
    return {tuple(row) for row in json.loads(done.stdout)}


def shown(superset: Superset) -> dict[str, Rows]:
    """The rows that each chart shows, by its title."""
    return {
        chart["slice_name"]: superset.rows(chart["datasource_id"], *query_of(params_of(chart)))
        for chart in superset.listed("chart")
    }


def test_every_chart_of_the_dashboard_shows_the_figures_of_the_release(superset: Superset, home: Settings) -> None:
    (dashboard,) = superset.listed("dashboard")
    charts = superset.ask("GET", f"/api/v1/dashboard/{dashboard['id']}/charts")["result"]
    assert {chart["slice_name"] for chart in charts} == set(CHARTS)
    rows = shown(superset)
    assert_same({title: published(home, query) for title, query in CHARTS.items()}, lambda title: rows[title])
    assert all(rows[title] for title in CHARTS)


def first_chart(view: str, sums: Mapping[str, Any]) -> str:
    """The rows of a view's first chart: its sums by period, or a line for each of its things."""
    grain = {"month": "month"}.get(sums["period_type"], "year")
    period = f"cast(date_trunc('{grain}', {sums['period']}) as date)"
    if added := sums.get("additive"):
        measures = ", ".join(f"sum({measure})" for measure in added)
        return f"select {period}, {measures} from bi.{view} group by 1"
    if lines := sums.get("by_thing"):
        return f"select {period}, {', '.join(sums['things'])}, {lines[0]} from bi.{view}"
    return f"select {period}, count(*) from bi.{view} group by 1"


def test_the_first_chart_of_every_view_is_its_table(superset: Superset, home: Settings, views) -> None:
    assert len(views) == 12
    rows = shown(superset)
    expected = {f"bi.{view}": published(home, first_chart(view, sums)) for view, sums in views.items()}
    assert_none(title for title, table in expected.items() if not same(rows[title], table))


def same(got: Rows, expected: Rows) -> bool:
    """Whether rows are equal; sums of floating-point numbers depend on their order in the last digits."""
    rounded = [
        {tuple(float(f"{cell:.12g}") if isinstance(cell, float) else cell for cell in row) for row in rows}
        for rows in (got, expected)
    ]
    return bool(expected) and rounded[0] == rounded[1]


def test_a_figure_of_one_line_each_is_never_added_up(superset: Superset, home: Settings, views) -> None:
    """Over all its things it is empty in each period in which two of them have a value."""
    ids = {dataset["table_name"]: dataset["id"] for dataset in superset.listed("dataset")}
    checked = []
    for view, sums in views.items():
        for measure in sums.get("by_thing", ()):
            period, metric = sums["period"], f"one_{measure}"
            query = {"columns": [axis(period, None)], "metrics": [metric], "filters": [], "row_limit": 10_000}
            got = superset.rows(ids[view], query, [period, metric])
            one = f"case when count({measure}) = 1 then any_value({measure}) end"
            expected = published(home, f"select {period}, {one} from bi.{view} group by 1")
            checked.append((f"{view}.{measure}", same(got, expected)))
    assert len(checked) >= 20
    assert_none(name for name, is_same in checked if not is_same)


def test_superset_writes_nothing_and_reads_no_other_file(superset: Superset) -> None:
    (database_,) = superset.listed("database")
    answers = {
        "select current_setting('access_mode')": (200, "read_only"),
        "create table bi.mine as select 1 as a": (500, "does not allow for DDL/DML"),
        "delete from bi.production": (500, "does not allow for DDL/DML"),
        "select * from read_text('/etc/hostname')": (500, "file system operations are disabled"),
        "set enable_external_access = true": (500, ""),
    }
    for sql, (status, words) in answers.items():
        answer = superset.sql(database_["id"], sql)
        assert answer.status_code == status, answer.text
        assert words in answer.text


def open_files(home: Settings) -> list[str]:
    """Databases of the home that processes of Superset have open."""
    links = [link for process in commands_of(home.home) for link in Path(f"/proc/{process}/fd").glob("*")]
    return [str(link.readlink()) for link in links if link.exists() and link.readlink().suffix == ".duckdb"]


def test_the_next_release_is_seen_without_restart_and_no_file_stays_open(
    superset: Superset, home: Settings, candidate
) -> None:
    title, raised = "World mine production, t of rare-earth oxide", ("2024-01-01", "India", 1_000_000.0)
    assert raised not in shown(superset)[title]
    assert open_files(home) == []
    revision = "update bi.production set production_t_reo = 1000000 where country_code = 'IND' and year = 2024"
    after = publish(home, candidate(home, revision)).release
    rows = shown(superset)
    assert raised in rows[title]
    assert {version for version, *_ in rows["Release"]} == {after.version}
    assert open_files(home) == []


def test_an_open_dashboard_shows_the_next_release_when_it_refreshes(
    superset: Superset, home: Settings, candidate, browser
) -> None:
    """Only the address of Superset is reached: its pixel that counts installations is blocked."""
    before = current_release(home)
    assert before is not None
    log_in(browser, superset)
    browser.get(f"{superset.url}/superset/dashboard/rare-earths/")
    wait = WebDriverWait(browser, 90)
    wait.until(lambda page: len(page.find_elements(By.TAG_NAME, "canvas")) == 5)
    wait.until(lambda page: before.version in text_of(page))
    assert not browser.find_elements(By.CSS_SELECTOR, "[data-test='alert'], .ant-alert-error")
    after = publish(home, candidate(home, "update core.dim_stage set description = 'changed'")).release
    browser.find_element(By.CSS_SELECTOR, REFRESH).click()
    wait.until(lambda page: after.version in text_of(page))
    assert before.version not in text_of(browser)
    answered = [message["params"]["response"]["url"] for message in messages(browser, "Network.responseReceived")]
    assert answered
    assert_none(url for url in answered if not url.startswith((superset.url, "data:", "blob:")))


def log_in(page: Any, superset: Superset) -> None:
    page.get(f"{superset.url}/login/")
    wait = WebDriverWait(page, 60)
    wait.until(lambda page: page.find_elements(By.CSS_SELECTOR, "input[type=password]"))
    page.find_element(By.CSS_SELECTOR, "input[name=username], #username").send_keys("admin")
    page.find_element(By.CSS_SELECTOR, "input[type=password]").send_keys(superset.password)
    page.find_element(By.CSS_SELECTOR, "button[type=submit], input[type=submit]").click()
    wait.until(lambda page: "/login" not in page.current_url)


def text_of(page: Any) -> str:
    return str(page.find_element(By.TAG_NAME, "body").text)


def messages(page: Any, method: str) -> list[dict[str, Any]]:
    found = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    return [message for message in found if message["method"] == method]
