"""SQL literals for statements that accept no parameters: `attach`, `copy`, `comment`, views."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

_WILDCARDS = re.compile(r"[*?\[]")


def literal(text: str | Path) -> str:
    """The text as an SQL string, whatever quotes are in it: `it's` becomes `'it''s'`."""
    return "'" + str(text).replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """The texts as a list of SQL strings: `["a", "b"]` becomes `['a', 'b']`."""
    return f"[{', '.join(map(literal, texts))}]"


def read_parquet(files: Path | Sequence[Path]) -> str:
    """The table function that reads exactly these files: `/a[1]/x.parquet` becomes `read_parquet('/a[[]1]/x.parquet')`.

    DuckDB takes the argument of its readers as a pattern, also where it is a parameter, so wildcards are put into
    brackets. It has no way to write a backslash in a pattern; `TMPDIR` and `REE_HOME` may not have one.
    """
    if isinstance(files, Path):
        return f"read_parquet({literal(_pattern(files))})"
    return f"read_parquet({literals(map(_pattern, files))})"


def _pattern(file: Path) -> str:
    return _WILDCARDS.sub(lambda found: f"[{found[0]}]", str(file))
