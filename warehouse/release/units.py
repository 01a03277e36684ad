"""Units of figures, which published columns carry in their names: `value_usd`, `production_t_reo`."""

from __future__ import annotations

import re

_NUMERIC = frozenset({"double", "integer", "bigint"})
_UNITS = (
    ("usd_per_kg", "US$ per kg"),
    ("usd", "US$"),
    ("kg", "kg"),
    ("t_reo", "t of rare-earth oxide"),
    ("reo_tonnes", "t of rare-earth oxide"),
    ("t_gross", "t gross weight"),
    ("t_monazite", "t of monazite"),
    ("kt", "kt"),
    ("share", "share of 1"),
    ("hhi", "index from 0 to 10,000"),
    ("n", "count"),
)
"""Part of a column's name and the unit that it stands for; the first that fits counts."""


def unit_of(column: str, data_type: str) -> str | None:
    """The unit of a numeric column by its name: `US$` of `value_low_usd`; None where the name has none.

    Args:
        column: its published name.
        data_type: DuckDB's type in lower case; texts (`share_basis`), days and marks have no unit.
    """
    if data_type not in _NUMERIC:
        return None
    return next((unit for part, unit in _UNITS if re.search(rf"(^|_){part}(_|$)", column)), None)
