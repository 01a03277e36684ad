"""The registry of facts, as `dbt_project.yml` has it: the published tables of facts, and what each is made of.

dbt's models read the same registry as `var('facts')`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from warehouse.project_vars import project_vars


@dataclass(frozen=True, slots=True)
class Fact:
    """One published table of facts.

    Attributes:
        table: its name in core: `fct_quota`.
        key: what tells one of its facts from another, besides when it was stated: `("source_code", "country_code", …)`.
        figures: its measured columns: `("quota_t_reo",)`.
        marks: marks among the facts known on a day: `("is_preferred",)`. Their rules are in `meta.as_of_rules`.
        is_stated: stated by a publisher, with `known_to`; else built from other facts.
    """

    table: str
    key: tuple[str, ...]
    figures: tuple[str, ...]
    marks: tuple[str, ...]
    is_stated: bool


@cache
def facts() -> dict[str, Fact]:
    """Every published table of facts, by its name, in the order of the registry."""
    registered: dict[str, dict[str, Any]] = project_vars()["facts"]
    return {
        table: Fact(
            table=table,
            key=tuple(about["key"]),
            figures=tuple(about["figures"]),
            marks=tuple(about.get("marks", ())),
            is_stated=not about.get("derived", False),
        )
        for table, about in registered.items()
    }
