from __future__ import annotations

import dataclasses

import pytest

from sources.model.artifact import TruncatedError
from tests.helpers.artifacts import artifact


def test_bytes_changed_after_they_were_recorded_are_refused(tmp_path):
    landed = artifact(tmp_path, b"figures", name="mcs.csv")
    assert landed.read_bytes() == b"figures"
    landed.path.write_bytes(b"figureS")
    with pytest.raises(TruncatedError, match=r"mcs\.csv.*is recorded"):
        landed.read_bytes()


def test_an_artifact_cannot_be_changed_in_place(tmp_path):
    with pytest.raises(dataclasses.FrozenInstanceError):
        artifact(tmp_path, b"x").sha256 = "0"
