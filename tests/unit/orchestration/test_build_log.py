"""The log of `ree build` in a file or a pipe: whole lines, without Rich's padding."""

from __future__ import annotations

import io
import logging
import re

from orchestration.cli import build, console


def test_lines_in_a_file_are_as_long_as_what_they_say(monkeypatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(console.out, "file", written)
    log = logging.getLogger("ree")
    monkeypatch.setattr(log, "handlers", [])
    monkeypatch.setattr(log, "level", log.level)
    build._log_to_console()
    log.info("%s: 8 of 8 artifacts loaded", "india_amd" * 20)
    assert re.fullmatch(r"\d\d:\d\d:\d\d (india_amd){20}: 8 of 8 artifacts loaded\n", written.getvalue())
