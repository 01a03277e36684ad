"""What every tier of tests shares: the order of files, the cache of built homes, seeds and options."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.helpers.homes import Homes, cache_key

BUILT_HOMES = ("warehouse", "small", "build")
"""Fixtures that run the pipeline, or start from a home in which it ran."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fresh-homes", action="store_true", help="build every home again instead of using those kept in the cache"
    )
    parser.addoption(
        "--seed", type=int, help="seed of the tests that draw moments at random; without it each session has its own"
    )


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is one of pytest-xdist's workers."""
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.option.seed is None:  # workers get it with the other options
        config.option.seed = random.SystemRandom().randrange(1_000_000)


def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.option.fresh_homes and not is_worker(session.config):
        kept_homes(session.config).clear()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not is_worker(session.config):
        kept_homes(session.config).prune()


def kept_homes(config: pytest.Config) -> Homes:
    """The cache of built homes, in the folder of pytest's own cache."""
    return Homes(config.cache.mkdir("homes"), cache_key())


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.option.seed} (repeat with --seed={config.option.seed})"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that need a built home, and put their files first, those of two different homes in turn.

    With two workers each then builds one home, and the short files fill up what is left.
    """
    files: dict[Path, set[str]] = {}
    for item in items:
        needed = set(BUILT_HOMES) & set(getattr(item, "fixturenames", ()))
        files.setdefault(item.path, set()).update(needed)
        if needed:
            item.add_marker("home")
    turns = {"warehouse": 0, "small": 1}
    place = {}
    for path, needed in files.items():
        home = next((name for name in turns if name in needed), None)
        if home:
            place[path] = (0, turns[home])
            turns[home] += len(turns)
        else:
            place[path] = (1 if "integration" in path.parts else 2, 0)
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(scope="session")
def homes(request: pytest.FixtureRequest) -> Homes:
    """The cache of built homes."""
    return kept_homes(request.config)


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """The session's seed; a failure is repeated with `--seed`."""
    return int(request.config.option.seed)


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for files under test that outlives one test, so that property-based tests may write to it."""
    return tmp_path_factory.mktemp("scratch")
