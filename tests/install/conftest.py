"""Fixtures: a clean checkout of the project, environments from locks, and a browser if one is installed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.helpers.project import PROJECT


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this session that all of pytest-xdist's workers share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(request.config, "workerinput") else own


@pytest.fixture(scope="session")
def clean_checkout(shared: Path) -> Path:
    """The tracked files of this project in a new folder; one copy for all workers."""
    folder = shared / "clean_checkout" / "rare-earth-warehouse"
    with FileLock(shared / "clean_checkout.lock"):
        if not folder.exists():
            _copy_tracked_files(folder)
    return folder


def _copy_tracked_files(folder: Path) -> None:
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
            shutil.copy2(PROJECT / name, folder / name, follow_symlinks=False)


def plain_environment() -> dict[str, str]:
    """The environment without this warehouse's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("REE_", "DAGSTER_"))}


@pytest.fixture(scope="session")
def built_checkout(shared: Path, clean_checkout: Path) -> str:
    """The output of `make warehouse` in the clean checkout. It runs once for all workers."""
    printed = shared / "make-warehouse.txt"
    with FileLock(shared / "make-warehouse.lock"):
        if not printed.exists():
            done = subprocess.run(
                ["make", "warehouse"],
                cwd=clean_checkout,
                env=plain_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            printed.write_text(done.stdout, encoding="utf-8")
    return printed.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def environment(shared: Path) -> Callable[[Path], str]:
    """Make the environment of a lock once for all workers; the path of its Python."""

    def make(lock: Path) -> str:
        folder = shared / lock.stem
        with FileLock(folder.with_suffix(".lock")):
            if not (folder / "ready").exists():
                subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
                uv = [str(Path(sys.executable).with_name("uv")), "pip", "sync", "--require-hashes", "--python"]
                done = subprocess.run([*uv, str(folder), str(lock)], capture_output=True, text=True, check=False)
                if done.returncode:
                    pytest.skip(f"{lock.name} cannot be installed here: {done.stderr[-200:]}")
                (folder / "ready").touch()
        return str(folder / "bin" / "python")

    return make


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
