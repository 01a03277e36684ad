"""The command that serves assistants: mcp."""

from __future__ import annotations

from orchestration.cli import console
from warehouse.settings import Settings

_OF_THE_EXTRA = {"mcp", "mcp_types", "sqlglot"}


def serve_assistant(port: int | None) -> None:
    """Serve an assistant over standard input and output, or over HTTP."""
    settings = Settings()
    try:
        from warehouse.read.assistant.answers import Assistant
        from warehouse.read.assistant.server import serve
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _OF_THE_EXTRA:
            raise
        message = f"`ree mcp` needs the package {package}: pip install 'rare-earth-warehouse[mcp]'."
        raise console.fail(message) from error
    serve(Assistant(settings), port)
