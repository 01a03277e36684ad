"""The question in each table's description is answered by the published file."""

from __future__ import annotations

from typing import Any

import duckdb
import yaml

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none

MAY_BE_EMPTY = {"mart_layout_agreement", "fct_trade_mirror", "mart_reporter_anomaly", "fct_trade_via"}
"""Tables whose question asks for faults or disputes, or for what the bundled files do not state: no row is no fault."""


def asked() -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted((PROJECT / "dbt_project" / "models").rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
            meta = model.get("config", {}).get("meta", {})
            if "question" in meta or "answer" in meta:
                found[model["name"]] = meta
    return found


QUESTIONS = asked()


def test_a_question_ends_with_a_question_mark() -> None:
    assert_none(
        f"{name}: {meta['question']}" for name, meta in QUESTIONS.items() if meta["question"].strip()[-1] != "?"
    )


def test_a_question_is_answered_by_its_own_sql(published) -> None:
    def fault(name: str) -> str:
        try:
            rows = published.execute(QUESTIONS[name]["answer"]).fetchall()
        except duckdb.Error as error:
            return str(error)
        return "" if rows or name in MAY_BE_EMPTY else "no row"

    assert QUESTIONS
    assert_none(f"{name}: {found}" for name in QUESTIONS if (found := fault(name)))


def test_an_answer_queries_the_table_it_describes() -> None:
    assert_none(f"{name}: {meta['answer']}" for name, meta in QUESTIONS.items() if name not in meta["answer"])


def test_every_mart_has_a_question() -> None:
    marts = {path.stem for path in (PROJECT / "dbt_project" / "models" / "marts").rglob("mart_*.sql")}
    assert marts
    assert marts <= set(QUESTIONS)
