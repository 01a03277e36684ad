"""Assertions over many items that list every violator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def assert_none(violators: Iterable[object]) -> None:
    """Fail with every violator on a line of its own; pytest would cut a long list short.

    Raises:
        AssertionError: there is a violator.
    """
    found = [str(violator) for violator in violators]
    if found:
        raise AssertionError(f"{len(found)} violators:\n  " + "\n  ".join(found))


def assert_same(expected: Mapping[Any, object], got: Callable[[Any], object]) -> None:
    """Fail with every key whose value is another than expected, on a line of its own: `got` gives a key's value.

    Raises:
        AssertionError: there is nothing to compare, or a value differs.
    """
    assert expected, "nothing is expected"
    found = {key: got(key) for key in expected}
    assert_none(f"{key}: expected {value}, got {found[key]}" for key, value in expected.items() if found[key] != value)
