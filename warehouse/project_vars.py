"""The vars of `dbt_project.yml`, for Python that shares them with the models."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from warehouse.settings import find_dbt_project


@cache
def project_vars() -> dict[str, Any]:
    """Every var by its name: `{"significant_digits": 9, …}`. Read once a process; change none of the values."""
    project = (find_dbt_project() / "dbt_project.yml").read_text(encoding="utf-8")
    declared: dict[str, Any] = yaml.safe_load(project)["vars"]
    return declared
