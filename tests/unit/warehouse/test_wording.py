"""A sample of records in words."""

from __future__ import annotations

import json

import pytest

from warehouse.wording import example


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        ('[{"flow": "import", "value_usd": 1050000.0, "usual": 18.2700315207067}]',
         "flow import, value_usd 1050000, usual 18.2700315207"),
        ('[{"fact_id": "f5", "other_artifact_row": 9, "a": null, "is_b": false, "c": 0}]', "c 0"),
        ("[-3.0, 4]", "-3.0"),
        ("no JSON", "no JSON"),
        (json.dumps([{f"c{i}": i for i in range(12)}]),
         "c0 0, c1 1, c2 2, c3 3, c4 4, …, c7 7, c8 8, c9 9, c10 10, c11 11"),
    ],
)  # fmt: skip
def test_an_example_is_the_first_record_without_nulls_and_hashes(sample: str, words: str) -> None:
    assert example(sample) == words
