"""Which published tables a published table is made of, read from the SQL of the dbt models."""

from __future__ import annotations

import re
from collections.abc import Collection

from warehouse.settings import find_dbt_project

_REFERENCE = re.compile(r"""\bref\(\s*['"](\w+)['"]\s*\)""")
_SEED_OR_MODEL = ("*.sql", "*.py")


def upstream(published: Collection[str]) -> dict[str, list[str]]:
    """The nearest published tables above each one, by `schema.name`: `marts.mart_corridor` has `core.fct_trade_mirror`.

    Models that are not published stand between; the way leads through them.
    """
    models = find_dbt_project() / "models"
    direct = {
        file.stem: set(_REFERENCE.findall(file.read_text(encoding="utf-8")))
        for pattern in _SEED_OR_MODEL
        for file in sorted(models.rglob(pattern))
    }
    names = {name.partition(".")[2]: name for name in published}
    return {names[model]: sorted(_nearest(model, direct, names)) for model in direct if model in names}


def _nearest(model: str, direct: dict[str, set[str]], names: dict[str, str]) -> set[str]:
    found: set[str] = set()
    waiting, seen = list(direct.get(model, ())), {model}
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in names:
            found.add(names[name])
        else:
            waiting += direct.get(name, ())
    return found
