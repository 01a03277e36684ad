"""Every question that a table answers in its description is answered by the published file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
MAY_BE_EMPTY = {"mart_layout_agreement", "fct_trade_mirror", "mart_reporter_anomaly"}
"""Tables whose question asks for faults or disputes: no row is good news."""


def asked() -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted((PROJECT / "dbt_project" / "models").rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
            meta = model.get("config", {}).get("meta", {})
            if "question" in meta or "answer" in meta:
                found[model["name"]] = meta
    return found


QUESTIONS = asked()


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_answered_by_its_own_sql(published, name) -> None:
    assert QUESTIONS[name]["question"].strip().endswith("?")
    rows = published.execute(QUESTIONS[name]["answer"]).fetchall()
    assert rows or name in MAY_BE_EMPTY


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_asks_the_table_it_stands_beside(name) -> None:
    assert name in QUESTIONS[name]["answer"]


def test_every_mart_has_a_question() -> None:
    marts = {path.stem for path in (PROJECT / "dbt_project" / "models" / "marts").glob("*.sql")}
    assert marts <= set(QUESTIONS)
