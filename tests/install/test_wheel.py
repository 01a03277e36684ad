"""The wheel is complete and runs without the checkout. Slow: builds the whole snapshot once."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.helpers.project import PROJECT
from tests.install.conftest import plain_environment
from warehouse.code_version import code_version
from warehouse.release.publish import SCHEMA_VERSION

SHIPPED = ("sources", "warehouse", "orchestration", "dbt_project", "docs")
RECORD_MODULES = """
import atexit, os, sys

def record():
    with open(os.environ["LOADED_MODULES"], "a", encoding="utf-8") as file:
        for module in list(sys.modules.values()):
            if getattr(module, "__file__", None):
                file.write(module.__file__ + "\\n")

atexit.register(record)
"""


def built_from(folder: Path, target: Path) -> Path:
    """The wheel that pip builds from a folder, without network."""
    command = [sys.executable, "-m", "pip", "wheel", str(folder), "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run(
        [*command, "--wheel-dir", str(target)], env=plain_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(target.glob("*.whl"))


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def wheel(clean_checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a checkout in which other tools left what they generate, and an operator a password."""
    for name in ("dbt_project/target/manifest.json", "dbt_project/logs/dbt.log", "deploy/secrets/ree.env"):
        (clean_checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (clean_checkout / name).write_text("generated", encoding="utf-8")
    return built_from(clean_checkout, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_every_tracked_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *SHIPPED],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    tracked = {name for name in listed.stdout.splitlines() if (PROJECT / name).exists()}
    moved = {"dbt_project": "warehouse/_dbt_project", "docs": "warehouse/_docs"}
    parts = (name.partition("/") for name in tracked)
    wanted = {f"{moved.get(top, top)}/{rest}" for top, _, rest in parts}
    shipped = {name for name in contents(wheel) if ".dist-info/" not in name}
    assert shipped == wanted
    assert wheel.stat().st_size < 3_000_000, "bytes"


def test_a_wheel_built_from_the_sdist_is_the_same(wheel: Path, clean_checkout: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=clean_checkout, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        unwanted = ("/deploy/", "/target/", "/logs/")
        assert not [name for name in archive.getnames() if any(folder in name for folder in unwanted)]
        archive.extractall(tmp_path / "unpacked", filter="data")
    unpacked = next((tmp_path / "unpacked").iterdir())
    assert contents(built_from(unpacked, tmp_path / "wheel")) == contents(wheel)


class Installed:
    """The wheel in an environment of its own, used from an empty folder by a user with an empty home."""

    def __init__(self, wheel: Path, root: Path) -> None:
        self.environment, self.folder, self.modules = root / "environment", root / "it's empty", root / "modules.txt"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(self.environment)], check=True)
        pip = [sys.executable, "-m", "pip", "--python", str(self.environment / "bin" / "python")]
        subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
        packages = next(self.environment.glob("lib/python*/site-packages"))
        # the locked dependencies, but no .pth file among them: that of the editable checkout stays unread
        (packages / "locked.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
        (packages / "sitecustomize.py").write_text(RECORD_MODULES, encoding="utf-8")
        self.outside = [self.environment, root / "user", root / "tmp"]
        for folder in (self.folder, *self.outside[1:]):
            folder.mkdir()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `ree` with these words."""
        variables = plain_environment() | {
            "HOME": str(self.outside[1]),
            "TMPDIR": str(self.outside[2]),
            "LOADED_MODULES": str(self.modules),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        variables.pop("PYTHONPATH", None)
        ree = str(self.environment / "bin" / "ree")
        return subprocess.run(
            [ree, *words], cwd=self.folder, env=variables, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(wheel, tmp_path_factory.mktemp("installed"))


def test_the_version_is_that_of_the_checkout(installed: Installed) -> None:
    number = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    digest = code_version().partition("+")[2]
    assert installed.run("--version").stdout == f"ree {number}+{digest}, schema {SCHEMA_VERSION}\n"


@pytest.mark.slow
def test_an_empty_folder_becomes_a_warehouse_and_nothing_is_written_elsewhere(installed: Installed) -> None:
    before = [files_of(folder) for folder in installed.outside]
    unbuilt = installed.run("doctor")
    assert (unbuilt.returncode, "run ree build" in unbuilt.stdout) == (1, True), unbuilt.stderr
    built = installed.run("build")
    assert built.returncode == 0, built.stdout + built.stderr
    assert "is published" in built.stdout

    query = "select edition, production_t_reo from core.fct_production where country_code = 'CHN' and year = 2023"
    asked = installed.run("sql", "--format", "csv", f"{query} and source_code = 'usgs_mcs' order by known_from")
    assert list(csv.reader(asked.stdout.splitlines()))[1:] == [["MCS 2024", "240000.0"], ["MCS 2025", "255000.0"]]
    assert installed.run("doctor").returncode == 0
    for command, word in (("status", "Release"), ("plan", "un_comtrade"), ("prepare", "dagster")):
        done = installed.run(command)
        assert (done.returncode, word in done.stdout) == (0, True), done.stderr

    assert [path.name for path in installed.folder.iterdir()] == ["var"]
    assert [files_of(folder) for folder in installed.outside] == before
    loaded = {line for line in installed.modules.read_text(encoding="utf-8").splitlines() if line}
    ours = {line for line in loaded if f"{os.sep}orchestration{os.sep}" in line or f"{os.sep}warehouse{os.sep}" in line}
    assert ours
    assert {line for line in ours if not line.startswith(str(installed.environment))} == set()
    checkout = [line for line in loaded if line.startswith(str(PROJECT)) and "site-packages" not in line]
    assert checkout == []
