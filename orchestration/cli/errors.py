"""The errors that a person can remedy, as sentences. It is imported when a command has failed."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_settings import SettingsError

from warehouse.settings import Settings
from warehouse.settings_error import explain
from warehouse.storage.database import FileHeldError, UnreadableFileError
from warehouse.storage.home import HomeError, describe
from warehouse.storage.journal import JournalError
from warehouse.storage.ledger import LedgerError
from warehouse.transform.dbt_runner import TransformError

_ABOUT_STATE = (TransformError, HomeError, LedgerError, JournalError, FileHeldError, UnreadableFileError)
"""Errors about the state of the warehouse, each a sentence with its remedy."""


def is_of_settings(error: Exception) -> bool:
    """Whether an error is that of an invalid setting."""
    return isinstance(error, SettingsError) or (isinstance(error, ValidationError) and error.title == Settings.__name__)


def sentence_of(error: Exception) -> str | None:
    """What happened and the remedy; None for an error of the code itself."""
    if isinstance(error, SettingsError) or (isinstance(error, ValidationError) and error.title == Settings.__name__):
        return explain(error)
    if isinstance(error, _ABOUT_STATE):
        return str(error)
    return describe(error) if isinstance(error, OSError) else None
