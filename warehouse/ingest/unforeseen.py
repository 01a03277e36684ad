"""Exceptions that a reader did not foresee, turned into the refusal of the file that caused them."""

from __future__ import annotations

import logging

import polars as pl

from sources.model.artifact import Artifact, SourceError, shortened
from warehouse.storage.journal import JournalError
from warehouse.storage.ledger import LedgerError

log = logging.getLogger("ree.ingest")

UNFORESEEN = (Exception, pl.exceptions.PanicException)
"""What a reader of foreign bytes may raise. A panic of Polars is no `Exception`; an interrupt is not among them."""

OF_THIS_MACHINE = (OSError, JournalError, LedgerError)
"""Failures of the disk, the journal or the ledger. While files are received or fetched they are no file's fault."""

_MOST_CHARACTERS = 300


def refusal_of(artifact: Artifact | str, error: BaseException, doing: str, remedy: str) -> SourceError:
    """The refusal of a file because of an exception: `x.csv: cannot be read (ComputeError: …). Remedy: …`.

    A `SourceError` is one already and is returned as it is. Of any other the text is shortened, and the traceback goes
    to the debug log.
    """
    if isinstance(error, SourceError):
        return error
    log.debug("%s %s", artifact if isinstance(artifact, str) else artifact.name, doing, exc_info=error)
    text = shortened(" ".join(f"{type(error).__name__}: {error}".split()), _MOST_CHARACTERS)
    return SourceError(artifact, f"{doing} ({text}).", remedy)
