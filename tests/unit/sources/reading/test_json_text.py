from __future__ import annotations

import time

import pytest

from sources.model.artifact import LayoutError, TruncatedError
from sources.reading.json_text import read_json
from tests.helpers.artifacts import artifact


def read(folder, data: bytes):
    return read_json(artifact(folder, data, name="body.json"), "a body")


def test_json_reads_as_it_says_with_or_without_a_byte_order_mark(tmp_path):
    said = {"a": [1, 2.5, 1.004e9, None, True, "€ \U0001f600"]}
    text = '{"a": [1, 2.5, 1.004e+09, null, true, "€ \\ud83d\\ude00"]}'
    assert read(tmp_path, text.encode()) == read(tmp_path, text.encode("utf-8-sig")) == said


@pytest.mark.parametrize("data", [b"", b"<html>", b'{"a": 1', b"[1,]", b"\xff\xfe[\x00]\x00", b'["\x00"]', b"{'a': 1}"])
def test_what_is_no_json_is_refused_as_cut_or_an_error_page(tmp_path, data):
    with pytest.raises(TruncatedError, match=r"body\.json: is not a body"):
        read(tmp_path, data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a": {"b": 1, "b": 2}}', "field 'b' twice"),
        (b"[NaN]", "holds NaN"),
        (b"[-Infinity]", "holds -Infinity"),
        (b"[1e999]", "1e999, beyond the range"),
        (b"[" + b"9" * 5_000 + b"]", "an integer of 5000 digits"),
        (b"[-" + b"9" * 19 + b"]", "an integer of 19 digits"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b'["\\ud800"]', "half of a surrogate pair"),
        (b'["\\u0000"]', "a zero character"),
    ],
)
def test_json_that_no_publisher_writes_is_refused_and_named(tmp_path, data, message):
    with pytest.raises(LayoutError, match=message):
        read(tmp_path, data)


def test_a_backslash_before_the_digits_of_a_character_is_no_escape(tmp_path):
    assert read(tmp_path, b'["\\\\u0000"]') == ["\\u0000"]


def test_a_field_twice_among_many_is_found_in_a_moment(tmp_path):
    fields = ",".join(f'"k{n}":1' for n in range(50_000))
    start = time.monotonic()
    with pytest.raises(LayoutError, match="k49999"):
        read(tmp_path, f'{{{fields},"k49999":2}}'.encode())
    assert time.monotonic() - start < 5
