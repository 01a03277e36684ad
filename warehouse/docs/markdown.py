"""Tables and figures of the generated pages."""

from __future__ import annotations

from collections.abc import Iterable

_LEAST_SHOWN = 5e-5


def table(header: tuple[str, ...], columns: str, rows: Iterable[tuple[str, ...]]) -> list[str]:
    """The lines of a Markdown table and an empty one; `columns` has `#` for a column of figures, else `-`."""
    rules = "".join("---:|" if column == "#" else "---|" for column in columns)
    return [f"| {' | '.join(header)} |", f"|{rules}", *(f"| {' | '.join(row)} |" for row in rows), ""]


def number(value: float) -> str:
    """`41,600`, `87.89` or `0.97`."""
    return f"{value:,.0f}" if abs(value) >= 1000 or float(value).is_integer() else f"{value:,.2f}"


def percent(share: float | None, *, sign: bool = False) -> str:
    """`+2.5%`, `0` below a twentieth of a tenth, or `–` where there is none."""
    if share is None:
        return "–"
    if abs(share) < _LEAST_SHOWN:
        return "0"
    return f"{share:+.1%}" if sign else f"{share:.1%}"
