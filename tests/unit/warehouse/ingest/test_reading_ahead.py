"""How many artifacts are read before they are asked for: memory grows neither with their number nor their size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from warehouse.ingest.reading import n_ahead

MEGABYTE = 1_000_000


def test_small_artifacts_are_all_read_ahead() -> None:
    assert n_ahead([MEGABYTE // 3] * 16, workers=2) == 16


def test_large_artifacts_are_read_one_by_each_worker() -> None:
    assert n_ahead([100 * MEGABYTE] * 16, workers=2) == 2


def test_a_large_artifact_waits_behind_small_ones() -> None:
    assert n_ahead([MEGABYTE, MEGABYTE, MEGABYTE, 100 * MEGABYTE, MEGABYTE], workers=2) == 3


@given(st.lists(st.integers(0, 50 * MEGABYTE), min_size=1), st.integers(1, 8))
def test_no_worker_waits_and_no_more_is_held_than_they_read_or_12_megabytes(sizes: list[int], workers: int) -> None:
    ahead = n_ahead(sizes, workers)
    assert ahead >= workers
    assert ahead == workers or sum(sizes[:ahead]) <= 12 * MEGABYTE
