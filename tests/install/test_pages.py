"""The pages a person looks at, in a real browser."""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.install.conftest import plain_environment

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def requested(browser: object) -> list[str]:
    """Addresses that the page requested."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]


def test_validation_html_shows_every_rule_and_requests_no_other_file(
    clean_checkout: Path, built_checkout: str, browser: object
) -> None:
    page = (clean_checkout / "var" / "published" / "validation.html").resolve().as_uri()
    browser.get(page)
    assert browser.find_element(By.TAG_NAME, "h1").text == "Every critical rule passed"
    text = browser.find_element(By.TAG_NAME, "body").text
    for gate, table in (
        (1, "usgs_mcs__world"),
        (1, "un_comtrade__trade"),
        (1, "china_customs__trade"),
        (2, "fct_production"),
        (2, "fct_trade_flow"),
        (2, "fct_trade_rollup"),
    ):
        assert f"Gate {gate}: {table}" in text
    assert "suspect partner labels" in text
    assert requested(browser) == [page]


@pytest.fixture(scope="module")
def ui(clean_checkout: Path, built_checkout: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = plain_environment() | {"DAGSTER_HOME": str(clean_checkout / "var" / "dagster")}
    server = subprocess.Popen(
        [".venv/bin/dagster-webserver", "-m", "orchestration.definitions", "-p", str(port)],
        cwd=clean_checkout,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            with urllib.request.urlopen(f"{address}/server_info"):  # noqa: S310 - loopback
                break
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    yield address
    server.terminate()
    server.wait(30)


def wait_for(browser: object, *words: str) -> None:
    def missing() -> list[str]:
        text = browser.find_element(By.TAG_NAME, "body").text
        return [word for word in words if word not in text]

    try:
        WebDriverWait(browser, 60).until(lambda _: not missing())
    except TimeoutException:
        text = browser.find_element(By.TAG_NAME, "body").text
        pytest.fail(f"not on the page: {missing()}; on it is {text[-2000:]!r}")


def test_the_ui_shows_the_lineage_grouped_from_publishers_to_release(ui: str, browser: object) -> None:
    browser.get(f"{ui}/asset-groups")
    wait_for(
        browser, "usgs_mcs", "un_comtrade", "india_tradestat", "staging", "intermediate", "core", "marts", "release"
    )


def test_the_ui_shows_the_run_of_the_command_line_and_its_checks(ui: str, browser: object) -> None:
    browser.get(f"{ui}/runs")
    wait_for(browser, "refresh_warehouse", "Success", "ree build")
    browser.get(f"{ui}/overview/activity/timeline")
    wait_for(browser, "orchestration.definitions", "refresh_warehouse")
    browser.get(f"{ui}/assets/core/fct_trade_flow?view=checks")
    wait_for(browser, "dbt_tests", "gate_2_critical", "gate_2_warning")


def test_the_page_of_the_release_shows_what_changed_and_what_is_late(ui: str, browser: object) -> None:
    browser.get(f"{ui}/assets/release/published")
    wait_for(browser, "version", "changes", "site/index.html", "validation.html", "rows added", "figures revised")
    browser.get(f"{ui}/assets/release/published?view=checks")
    wait_for(browser, "figures_are_current", "india_tradestat: newest month", "publishers late")


def test_the_ui_lists_one_job_a_publisher(ui: str, browser: object) -> None:
    browser.get(f"{ui}/jobs")
    wait_for(browser, "refresh_warehouse", "refresh_usgs_mcs", "refresh_un_comtrade", "refresh_china_customs")
