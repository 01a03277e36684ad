"""What is stored and published: quality gates, transformation, releases. Uses DuckDB, dbt and Great Expectations.

For people who read the figures it is also the Python client: `import warehouse as ree` (`read/client.py`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.read.client import as_of, connect, table, why

__all__ = ["as_of", "connect", "table", "why"]


def __getattr__(name: str) -> Any:
    """The client, imported when it is first used: whoever imports a module of this package does not need it."""
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.read.client"), name)


def __dir__() -> list[str]:
    return __all__
