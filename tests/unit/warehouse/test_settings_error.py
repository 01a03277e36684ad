"""An invalid setting ends a command with one sentence: the variable and what is allowed."""

from __future__ import annotations

import pytest

from orchestration.cli import main

INVALID = {
    "REE_THREADS": ("x", "REE_THREADS must be a whole number of at least 1, and is 'x'."),
    "REE_KEEP_RELEASES": ("1", "REE_KEEP_RELEASES must be a whole number of at least 2, and is '1'."),
    "REE_PACE": ("-1", "REE_PACE must be a number of at least 0, and is '-1'."),
    "REE_TIMEOUT_S": ("0", "REE_TIMEOUT_S must be a number above 0, and is '0'."),
    "REE_SOURCES": ("net", "REE_SOURCES must be one of snapshot, live, landing, and is 'net'."),
    "REE_UN_COMTRADE__PREMIUM": ("maybe", "REE_UN_COMTRADE__PREMIUM must be true or false, and is 'maybe'."),
    "REE_THREDS": (
        "3",
        "REE_THREDS is not a setting; docs/operations.md and docs/live.md list them. Did you mean REE_THREADS?",
    ),
    "REE_UN_COMTRADE__KYE": (
        "SECRET",
        "REE_UN_COMTRADE__KYE is not a setting; docs/operations.md and docs/live.md list them."
        " Did you mean REE_UN_COMTRADE__KEY?",
    ),
    "REE_URLS__UN_COMTRAD": (
        "http://127.0.0.1",
        "REE_URLS__UN_COMTRAD is not a setting; docs/operations.md and docs/live.md list them."
        " Did you mean REE_URLS__UN_COMTRADE?",
    ),
    "REE_MEMORY_LIMIT": ("much", "REE_MEMORY_LIMIT must be written like 1GB or 512MiB, and is 'much'."),
    "REE_AS_OF_DAY": ("May", "REE_AS_OF_DAY must be a day, YYYY-MM-DD, and is 'May'."),
    "REE_URLS": ("{", "REE_URLS must be a JSON object of texts."),
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path):
    """Run `ree status` with these variables; return its exit code and its standard error, unwrapped."""

    def status(**variables: str) -> tuple[object, str]:
        monkeypatch.setattr("sys.argv", ["ree", "status"])
        monkeypatch.setenv("REE_HOME", str(tmp_path))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, " ".join(capsys.readouterr().err.split())

    return status


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_setting_is_named_with_what_is_allowed(run, name: str) -> None:
    value, sentence = INVALID[name]
    assert run(**{name: value}) == (2, sentence)


def test_two_of_them_are_two_sentences(run) -> None:
    code, message = run(REE_THREADS="x", REE_PACE="fast")
    assert code == 2
    assert message.count(" must be ") == 2


def test_an_unknown_name_in_the_secrets_file_is_named_without_its_value(run, tmp_path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("REE_UN_COMTRADE__KYE=SECRET\n", encoding="utf-8")
    code, message = run(REE_SECRETS_FILE=str(file))
    assert (code, "REE_UN_COMTRADE__KYE is not a setting" in message, "SECRET" in message) == (2, True, False)


def test_valid_settings_are_no_error(run) -> None:
    code, message = run(REE_THREADS="1")
    assert (code, "Nothing is published" in message) == (1, True)
