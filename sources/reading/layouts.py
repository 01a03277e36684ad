"""Layouts as data: each publisher's `layouts.toml`, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact, LayoutError
from sources.model.paths import project_path


@cache
def declared(package: Path) -> dict[str, Any]:
    """The content of `layouts.toml` in a publisher's package.

    Raises:
        FileNotFoundError: the package has none.
        tomllib.TOMLDecodeError: it is not TOML.
    """
    return tomllib.loads((package / "layouts.toml").read_text(encoding="utf-8"))


def layout_of(artifact: Artifact, package: Path) -> dict[str, Any]:
    """The layout (a `[[layout]]` table of `layouts.toml`) that the artifact says it has.

    Raises:
        LayoutError: no such layout is declared.
    """
    layouts: dict[str, dict[str, Any]] = {row["id"]: row for row in declared(package)["layout"]}
    if artifact.layout not in layouts:
        raise LayoutError(
            artifact,
            f"layout '{artifact.layout}' is not declared; known are {sorted(layouts)}.",
            f"declare it as a table of {project_path(package / 'layouts.toml')}.",
        )
    return layouts[artifact.layout]
