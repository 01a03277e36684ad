"""Each notebook of `docs/notebooks` runs against the release, and is kept without outputs.

The cells run in this process as a notebook runs them, without Jupyter: a kernel would add two dozen packages to the
lock for what one process does in a second. Outputs are left out, because figures and pictures change with each release.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
import pytest

from tests.helpers.project import PROJECT

NOTEBOOKS = sorted((PROJECT / "docs" / "notebooks").glob("*.ipynb"))


def results_of(cells: list[dict[str, Any]], file: str) -> list[Any]:
    """The value of the last expression of each cell of code that ends in one."""
    names: dict[str, Any] = {}
    results = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]), file)
        last = tree.body[-1]
        shown = ast.Expression(tree.body.pop().value) if isinstance(last, ast.Expr) else None
        exec(compile(tree, file, "exec"), names)  # noqa: S102 - a cell of our own
        if shown is not None:
            results.append(eval(compile(shown, file, "eval"), names))  # noqa: S307
    return results


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_every_cell_shows_rows_or_a_picture(warehouse, at, path: Path) -> None:
    at(warehouse)
    results = results_of(json.loads(path.read_text(encoding="utf-8"))["cells"], path.name)
    frames = [shown for shown in results if isinstance(shown, pl.DataFrame)]
    pictures = [shown for shown in results if not isinstance(shown, pl.DataFrame)]
    assert all(frame.height for frame in frames), [frame.height for frame in frames]
    assert pictures, "no picture"
    for picture in pictures:
        specification = picture.to_dict()
        assert any(len(rows) > 3 for rows in specification["datasets"].values())
        assert alt.Chart.from_dict(specification)


def test_notebooks_are_kept_without_outputs() -> None:
    assert len(NOTEBOOKS) == 2
    for path in NOTEBOOKS:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
        cells = notebook["cells"]
        assert len({cell["id"] for cell in cells}) == len(cells)
        assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells if "outputs" in cell)
