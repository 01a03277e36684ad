"""SQL literals for statements that accept no parameters: `attach`, `copy`, `comment`, views."""

from __future__ import annotations

import re
from pathlib import Path

_WILDCARDS = re.compile(r"[*?\[]")


def literal(text: str | Path) -> str:
    """The text as an SQL string, whatever quotes are in it: `it's` becomes `'it''s'`."""
    return "'" + str(text).replace("'", "''") + "'"


def read_parquet(path: Path) -> str:
    """The table function that reads exactly this file: `/a[1]/x.parquet` becomes `read_parquet('/a[[]1]/x.parquet')`.

    DuckDB takes the argument of its readers as a pattern, also where it is a parameter, so wildcards are put into
    brackets. It has no way to write a backslash in a pattern; `TMPDIR` and `REE_HOME` may not have one.
    """
    pattern = _WILDCARDS.sub(lambda found: f"[{found[0]}]", str(path))
    return f"read_parquet({literal(pattern)})"
