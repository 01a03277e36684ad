"""Partners that a vocabulary does not have: small ones are set aside, others stop the artifact."""

from __future__ import annotations

from difflib import get_close_matches

import polars as pl

from sources.model.artifact import Artifact
from sources.model.source import REJECTS
from sources.reading.cells import normalise
from sources.reading.tables import rejects_from
from sources.reading.vocabulary import Vocabulary

UNKNOWN_PARTNER = "unknown_partner"
"""The reason under which a small unknown partner is set aside."""
SMALL_SHARE = 0.001
"""Largest share of a flow's total that all its unknown partners together may have. The rule by which partners agree
with their printed World has the same tolerance (`AGREE` in `warehouse/quality/feeds/trade.py`)."""


def set_aside_small(
    artifact: Artifact,
    frame: pl.DataFrame,
    words: Vocabulary,
    column: str,
    *,
    flow: list[str],
    value: str,
    raw: list[str],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the rows of small unknown partners from the others, and require that all other labels are known.

    `column` has the partners' labels, `flow` are the columns that make one flow, `value` is the figure by which shares
    are taken (US$ or kg). The total of a flow is its printed World, or the sum of its rows where it has none. Unknown
    partners of a flow are small if together they are at most `SMALL_SHARE` of its total; the total still contains them.

    Returns the rows to load and the rejects, one for each row set aside, with reason `unknown_partner`.

    Raises:
        UnknownLabelError: a label is unknown and not small, or of unknown size; or a row has no label.
    """
    unknown = words.unknown(frame[column].unique())
    nothing = pl.DataFrame(schema=REJECTS)
    if not unknown:
        return frame, nothing
    worlds = [label for label, (kind, _) in words.entries.items() if kind == "world"]
    label = pl.col(column).map_elements(normalise, return_dtype=pl.String)
    is_unknown, is_world = pl.col(column).is_in(unknown), label.is_in(worlds)
    size = pl.col(value)
    sized = frame.with_columns(
        pl.coalesce(size.filter(is_world).sum().over(flow).replace(0, None), size.sum().over(flow)).alias("_total"),
        size.filter(is_unknown).sum().over(flow).alias("_unknown"),
        (is_unknown & size.is_null()).any().over(flow).alias("_unsized"),
    )
    is_within = ~pl.col("_unsized") & (pl.col("_unknown") <= SMALL_SHARE * pl.col("_total"))
    is_small = (is_unknown & is_within).fill_null(value=False)
    small = sized.filter(is_small)
    kept = sized.filter(~is_small).select(frame.columns)
    words.require(artifact, kept[column].unique())
    return kept, rejects_from(small, UNKNOWN_PARTNER, _detail(words, small[column].unique().to_list(), column), raw)


def _detail(words: Vocabulary, labels: list[str], column: str) -> pl.Expr:
    """A sentence for each row: its label, its share, the nearest known label, and the line that adds it."""
    nearest = {label: (get_close_matches(label, words.entries, n=1, cutoff=0.75) or ["none"])[0] for label in labels}
    lines = {label: words.line_for(label) for label in labels}
    return pl.format(
        "{} is not in the vocabulary '{}'; the unknown partners of its flow are {} % of the flow's total. The nearest"
        " known label: {}. To load it, add to the file that REE_OWN_LABELS names: {}",
        pl.col(column),
        pl.lit(words.name),
        (100 * pl.col("_unknown") / pl.col("_total")).round_sig_figs(2),
        pl.col(column).replace_strict(nearest, return_dtype=pl.String),
        pl.col(column).replace_strict(lines, return_dtype=pl.String),
    )
