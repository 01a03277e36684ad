"""Secrets are found in whatever encoding a text has them, and other text is left as it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.http.redaction import DROPPED, EchoError, Secrets
from tests.helpers.echoes import ECHOES, KEY, leaks
from tests.helpers.violators import assert_none

HEXADECIMAL_KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
ORDINARY = [
    "answers 404 Not Found: no data for 2024, China → India, 1,234.5 t • 50%",
    "100%41 &#65; \\u0041 =41 <b>x</b> ünï 東",
    '{"period": 202401, "primaryValue": 0.1234567890123456789, "key": "0f1e2d3c"}',
]


@pytest.mark.parametrize("key", [KEY, HEXADECIMAL_KEY])
def test_a_key_is_redacted_in_every_encoding(key: str) -> None:
    secrets = Secrets(key)
    texts = {name: f"answers 404: the key {encode(key)} is wrong" for name, encode in ECHOES.items()}
    assert_none(name for name, text in texts.items() if not re.search("•••", secrets.redact(text)))
    if key == KEY:
        assert_none(name for name, text in texts.items() if leaks(secrets.redact(text).encode()))
        assert_none(name for name, text in texts.items() if leaks(secrets.excerpt(text).encode()))


def passes(secrets: Secrets, blocks: list[bytes]) -> bool:
    try:
        return b"".join(secrets.guard(blocks)) == b"".join(blocks)
    except EchoError:
        return False


@pytest.mark.parametrize("key", [KEY, HEXADECIMAL_KEY])
def test_a_body_with_the_key_in_any_encoding_is_refused(key: str) -> None:
    secrets = Secrets(key)
    bodies = {name: f'["{"x" * 100}", "{encode(key)}", "y"]'.encode() for name, encode in ECHOES.items()}
    assert_none(name for name, body in bodies.items() if passes(secrets, [body]))
    assert_none(f"{name}, in blocks" for name, body in bodies.items() if passes(secrets, [body[:120], body[120:]]))
    raw = {name: key.encode(name) for name in ("utf-16", "utf-16-be", "utf-32-le")}
    assert_none(name for name, body in raw.items() if passes(secrets, [body]))


@given(data=st.lists(st.binary(max_size=9_000), max_size=4))
def test_other_bytes_pass_as_they_are(data: list[bytes]) -> None:
    assert passes(Secrets(KEY), data)


def test_other_text_is_left_as_it_is() -> None:
    secrets = Secrets(KEY, HEXADECIMAL_KEY)
    assert [secrets.redact(text) for text in ORDINARY] == ORDINARY
    assert passes(secrets, [text.encode() for text in ORDINARY])
    assert passes(Secrets("123456789012"), [b"1234567,89012\n" * 100]), "digits alone are found by chance"


def test_without_a_secret_nothing_is_searched_for() -> None:
    assert Secrets("", " ").redact(KEY) == KEY
    assert passes(Secrets(""), [KEY.encode()])


def test_the_end_of_a_text_that_was_cut_is_left_out() -> None:
    secrets = Secrets(KEY)
    assert secrets.excerpt(KEY[:20], is_cut=True) == ""
    assert secrets.excerpt(f"wrong {KEY} {'x' * 5000}{KEY[:20]}", is_cut=True).startswith("wrong •••")


def test_a_word_of_a_header_is_shown_and_nothing_else() -> None:
    secrets = Secrets(KEY)
    assert secrets.token("br, gzip") == "br, gzip"
    assert {secrets.token(encode(KEY)) for encode in ECHOES.values()} == {DROPPED}
    assert secrets.token("x" * 41) == DROPPED
    assert secrets.token("ünï") == DROPPED
