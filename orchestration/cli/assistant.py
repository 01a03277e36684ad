"""The command that serves assistants: mcp."""

from __future__ import annotations

from orchestration.cli import console
from warehouse.settings import Settings

_MISSING = {"mcp", "mcp_types", "sqlglot"}


def serve_assistant(port: int | None) -> None:
    """Serve an assistant over standard input and output, or over HTTP."""
    settings = Settings()
    try:
        from warehouse.read.assistant.answers import Assistant
        from warehouse.read.assistant.server import serve
    except ModuleNotFoundError as error:
        if error.name not in _MISSING:
            raise
        message = f"`ree mcp` needs the package {error.name}: pip install 'rare-earth-warehouse[mcp]'."
        raise console.fail(message) from error
    serve(Assistant(settings), port)
