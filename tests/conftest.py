"""What every tier of tests shares: the order of files, the cache of built homes, seeds and options."""

from __future__ import annotations

import random
from itertools import zip_longest
from pathlib import Path

import hypothesis
import pytest

from tests.helpers.homes import Homes, cache_key

pytest_plugins = ["tests.helpers.home_fixtures"]

BUILT_HOMES = ("warehouse", "take_small", "build")
"""Fixtures that run the pipeline, or start from a home in which it ran."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fresh-homes", action="store_true", help="build every home again instead of using those kept in the cache"
    )
    parser.addoption(
        "--warehouse",
        type=Path,
        metavar="HOME",
        help="use this home, in which `make warehouse` ran, as the warehouse of the bundled snapshot",
    )
    parser.addoption(
        "--seed", type=int, help="seed of the tests that draw moments at random; without it each session has its own"
    )


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is one of pytest-xdist's workers."""
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # An example takes longer when another worker is busy: that is no failure.
    hypothesis.settings.register_profile("no_deadline", deadline=None)
    hypothesis.settings.load_profile("no_deadline")
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"Random seed: {terminalreporter.config.option.seed} (repeat with --seed)")


def homes_needed(item: pytest.Item) -> set[str]:
    """Those of `BUILT_HOMES` that a test uses."""
    return set(BUILT_HOMES) & set(getattr(item, "fixturenames", ()))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test that needs a built home."""
    if homes_needed(item):
        item.add_marker("home")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files of the tests that will run for workers that take one file after the other.

    One worker starts by building the home of the whole snapshot and one that of the small one. Nobody waits for them:
    the others start with slow files that build homes of their own, and with the pipeline tests that need none. Then
    come the files that share the two homes, whole and small in turn; the many quick files fill up what is left.
    """
    needs: dict[Path, set[str]] = {}
    slow: set[Path] = set()
    for item in items:
        needs.setdefault(item.path, set()).update(homes_needed(item))
        if item.get_closest_marker("slow") or item.get_closest_marker("spark"):
            slow.add(item.path)
    whole = [path for path, needed in needs.items() if "warehouse" in needed and "take_small" not in needed]
    small = [path for path, needed in needs.items() if "take_small" in needed]
    sharing = [path for pair in zip_longest(whole, small) for path in pair if path]
    alone = [path for path in needs if path not in sharing]
    groups = (
        [next((path for path in paths if path not in slow), paths[0]) for paths in (whole, small) if paths],
        [path for path in alone if path in slow],
        [path for path in sharing if path in slow],
        [path for path in alone if {"pipeline", "release"} & set(path.parts)],
        sharing,
        alone,
    )
    order = dict.fromkeys(path for group in groups for path in group)
    place = {path: index for index, path in enumerate(order)}
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
