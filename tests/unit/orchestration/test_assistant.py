"""`ree mcp` where its extra is not installed."""

from __future__ import annotations

import sys

import pytest
import typer

from orchestration.cli.assistant import serve_assistant


@pytest.mark.parametrize("package", ["mcp", "sqlglot"])
def test_without_the_extra_the_command_says_how_to_get_it(monkeypatch, capsys, package: str) -> None:
    loaded = [name for name in sys.modules if name.startswith(("warehouse.read.assistant", f"{package}."))]
    for name in loaded:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(typer.Exit):
        serve_assistant(None)
    assert "pip install 'rare-earth-warehouse[mcp]'" in " ".join(capsys.readouterr().err.split())
