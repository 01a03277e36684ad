"""The program `ree`: the command line, with Ctrl-C while it starts as one word."""

from __future__ import annotations

import sys

_INTERRUPTED = 130


def main() -> None:
    """Run `ree` and exit (`orchestration/cli/__init__.py`)."""
    try:
        from orchestration.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        sys.exit(_INTERRUPTED)
