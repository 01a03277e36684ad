"""One check over many things that names each thing that violates it.

Belongs here: how violators are shown. Does not belong here: any check.
"""

from __future__ import annotations

from collections.abc import Iterable


def assert_none(violators: Iterable[object]) -> None:
    """Fail with every violator on a line of its own; pytest would cut a long list short.

    Raises:
        AssertionError: there is a violator.
    """
    found = [str(violator) for violator in violators]
    if found:
        raise AssertionError(f"{len(found)} violators:\n  " + "\n  ".join(found))
