"""SQL literals for statements that accept no parameters: `attach`, `copy`, `comment`, views."""

from __future__ import annotations

from pathlib import Path


def literal(text: str | Path) -> str:
    """The text as an SQL string, whatever quotes are in it: `it's` becomes `'it''s'`."""
    return "'" + str(text).replace("'", "''") + "'"
