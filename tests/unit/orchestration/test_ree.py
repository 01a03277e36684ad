"""The program `ree`: Ctrl-C at any moment, the text of a query."""

from __future__ import annotations

import importlib.metadata

import pytest

from orchestration import ree
from orchestration.cli.queries import _in_utf_8


def test_ctrl_c_while_the_program_starts_is_one_word(monkeypatch, capsys) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("orchestration.cli.main", interrupted)
    with pytest.raises(SystemExit) as ended:
        ree.main()
    assert (ended.value.code, capsys.readouterr().err) == (130, "Interrupted.\n")


def test_the_program_that_is_installed_is_this_one() -> None:
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="ree")
    assert script.load() is ree.main


@pytest.mark.parametrize(("typed", "read"), [("select 'é'", "select 'é'"), ("select '\udcc3\udca9'", "select 'é'")])
def test_a_query_is_read_as_utf_8_whatever_python_takes_the_terminal_for(typed: str, read: str) -> None:
    assert _in_utf_8(typed) == read
    assert _in_utf_8("select '\udce9'") == "select '\udce9'", "which is refused with a sentence"
