"""The secrets file that `REE_SECRETS_FILE` names: lines `REE_NAME=value` for keys and passwords."""

from __future__ import annotations

import functools
import io
import logging
import stat
from pathlib import Path

from dotenv.parser import parse_stream
from pydantic_settings import SettingsError

log = logging.getLogger("ree.settings")

_VARIABLE = "REE_SECRETS_FILE"
_PREFIX = "REE_"
_EXAMPLE = "Each line is REE_NAME=value, such as REE_UN_COMTRADE__KEY=0123abcd."


def read_secrets_file(path: Path) -> dict[str, str]:
    """The values of a secrets file by name, as they are written: `$` and `${…}` mean nothing in them.

    Empty lines, comments and quotes are those of `.env` files. Text is UTF-8, with or without a byte-order mark.

    Raises:
        SettingsError: the file does not exist, cannot be read, is not text, or has a line of another form. No value is
            in the message.
    """
    try:
        text = path.expanduser().read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        msg = f"{_VARIABLE} names {path}, whose line {line} is not UTF-8. Save the file as UTF-8."
        raise SettingsError(msg) from None
    except (OSError, RuntimeError, ValueError) as error:  # `~nobody`, a byte 0
        why = getattr(error, "strerror", None) or error
        msg = f"{_VARIABLE} names {path}, which cannot be read ({why}). Name a file that you can read."
        raise SettingsError(msg) from None
    _warn_if_open(path.expanduser())
    values: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.key is None and not binding.error:
            continue
        line = binding.original.line + len(binding.original.string) - len(binding.original.string.lstrip("\n"))
        if binding.error or binding.key is None or binding.value is None:
            msg = f"{_VARIABLE} names {path}, whose line {line} cannot be read. {_EXAMPLE}"
            raise SettingsError(msg)
        if not binding.key.upper().startswith(_PREFIX):
            msg = f"{_VARIABLE} names {path}, whose line {line} sets a name without {_PREFIX}. {_EXAMPLE}"
            raise SettingsError(msg)
        values[binding.key] = binding.value
    return values


@functools.cache
def _warn_if_open(path: Path) -> None:
    """Warn once in a process if others than the owner may read the file."""
    mode = path.stat().st_mode
    if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
        log.warning("%s names %s, which others can read: run chmod 600 on it.", _VARIABLE, path)
