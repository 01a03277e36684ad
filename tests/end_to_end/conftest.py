"""A copy of the project as a stranger has it, and a browser where there is one."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files of this project in a new folder, with nothing else of ours."""
    folder = tmp_path_factory.mktemp("stranger") / "rare-earth-warehouse"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (PROJECT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    return folder


def plain_environment() -> dict[str, str]:
    """The environment without this warehouse's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("REE_", "DAGSTER_"))}


@pytest.fixture(scope="session")
def made(stranger: Path) -> str:
    """What `make warehouse` prints in the stranger's copy."""
    done = subprocess.run(
        ["make", "warehouse"], cwd=stranger, env=plain_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def browser() -> Iterator[object]:
    """Headless Chromium that reaches nothing but loopback and files."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("no chromium and chromedriver on the PATH: the pages are not looked at in a browser")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1600,1200",
    ):
        options.add_argument(argument)
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield found
    found.quit()
