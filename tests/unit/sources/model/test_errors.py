from __future__ import annotations

from sources.model.artifact import SourceError, shortened


def test_a_message_is_short_whatever_it_quotes():
    message = str(SourceError("file.csv", f"says {'x' * 14_000_000}!", "look at " + "y" * 200_000))
    assert len(message) < 4_000
    assert message.startswith("file.csv: says xxx")
    assert "characters left out" in message
    assert "! Remedy: look at" in message


def test_a_short_message_is_whole():
    assert str(SourceError("file.csv", "says 'x'.", "fetch it again.")) == "file.csv: says 'x'. Remedy: fetch it again."


def test_half_of_a_surrogate_pair_can_be_printed():
    assert shortened("a\ud800").encode() == rb"a\ud800"
