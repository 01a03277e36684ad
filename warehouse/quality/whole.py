"""Whether a statement is whole: beside the one before it in its partition, or, a first one, beside other years."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sources.model.artifact import Artifact, SourceError
from sources.model.source import ParsedTable
from warehouse.quality.beside import appears_cut, judge_beside
from warehouse.quality.expectations.runner import Result
from warehouse.quality.losses import LOSS_RULES, judge_losses, loses_too_much


def judge_whole(
    artifact: Artifact, table: ParsedTable, before: pl.DataFrame | None, years: Sequence[tuple[pl.DataFrame, int]]
) -> list[Result]:
    """Gate 1: the results of comparing a statement with what is known of its query; none where nothing is.

    A table that may be empty is not compared: another table of the same bytes is.

    `before` has the rows of the statement before it, None where there is none; `years` are the rows of the partitions
    that `years_beside` names, each with the number of its records set aside.
    """
    if table.spec.may_be_empty:
        return []
    return judge_beside(artifact, table, years) if before is None else judge_losses(artifact, table, before)


def not_whole(artifact: Artifact, failed: Sequence[Result]) -> SourceError:
    """The refusal of a statement that is not whole, from the results that stop it."""
    losses = [result for result in failed if result.rule in LOSS_RULES]
    return loses_too_much(artifact, losses) if losses else appears_cut(artifact, failed)
