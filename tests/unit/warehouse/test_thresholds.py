"""Every threshold has one name: a var of dbt, and the same number in Python where Python uses it too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none
from warehouse.quality.facts import fct_trade_mirror
from warehouse.statistics import annual_study, event_claim, event_study, gap_effects, gap_spread, reporter_record

DBT = PROJECT / "dbt_project"
VARS: dict[str, Any] = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]

IN_PYTHON_TOO = {
    "panel_least_usd": gap_effects.LEAST_USD,
    "panel_least_pairs": gap_spread.LEAST_PAIRS,
    "mirror_weights": {
        kind: {"logit": logit, "gain": reporter_record.GAIN[kind]} for kind, logit in reporter_record.LOGIT.items()
    },
    "spread_reference_usd": gap_effects.REFERENCE_USD,
    "spread_of_unknown_product": gap_spread.UNKNOWN_PRODUCT,
    "quantile_sole_report": pytest.approx(gap_spread.QUANTILE_CAUCHY, rel=1e-15),
    "quantile_both_reports": pytest.approx(gap_spread.QUANTILE_T2, rel=1e-15),
    "event_window_months": event_study.WINDOW,
    "event_least_months": event_study.MIN_MONTHS,
    "event_least_partners": event_study.MIN_SERIES,
    "event_least_dates_apart": event_study.MIN_APART,
    "event_most_q": event_claim.MAX_Q,
    "event_most_lag_months": event_claim.MAX_LAG,
    "whole_listing_within": annual_study.MAX_UNWEIGHED,
    "cif_margin": gap_spread.CIF_MARGIN,
    "unexplained_beyond_factor": fct_trade_mirror.UNEXPLAINED_BEYOND_FACTOR,
}

COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
NUMBER = re.compile(r"(?<![\w.:'\"-])\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.:'\"%-])")
PLAIN = {"0", "1", "0.0", "1.0"}
ALLOWED = {
    "notation of SQL and Jinja": r"scale=\d+|decimal\(\d+, (\d+|\{\{ scale \}\})\)|indent\(\d\)|, ':', 2\)",
    "days and months of the calendar": r"12 \*|// 12|make_date\([^)]*\)|month\(\w+\) < 4|[=<] 12\b|\(12 -|else 12 end",
    "digits of HS codes and period labels": r"left\([\w.]+, 6\)|length\(hs_code\) = 6|\(4\), \(6\)|then 7 else 4 end",
    "kilograms of a tonne, per cent, points of an index from 0 to 10,000": r"/ 1000\b|\b100 \*|\b10000 \*",
    "halves and squares of a formula": r"/ 2\b|, 2\)",
    "powers of ten that are named as mistakes of unit": r"\('\w+', (1000|0\.001|10|0\.1),|ln\(1000\)",
    "order in which statements are preferred": r"(then|else) [23]\b|[23] as preference",
    "from the second on, whose count for one has a case of its own": r"between 2 and",
    "words of a published text": r"HS 2012|in 2026|95 % interval",
}
"""Numbers allowed in a model or macro, by reason."""


def unnamed_numbers(sql: str) -> list[str]:
    """Numbers in a model or macro that no reason of `ALLOWED` covers, each with its line."""
    found = []
    for line in COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), sql).splitlines():
        covered = {
            position
            for pattern in ALLOWED.values()
            for match in re.finditer(pattern, line)
            for position in range(*match.span())
        }
        found += [
            f"{number[0]} in: {line.strip()}"
            for number in NUMBER.finditer(line)
            if number[0] not in PLAIN and number.start() not in covered
        ]
    return found


def models_and_macros() -> list[Path]:
    return [*(DBT / "models").rglob("*.sql"), *(DBT / "macros").glob("*.sql")]


def test_no_model_or_macro_decides_by_a_number_without_a_name() -> None:
    assert_none(
        [
            f"{path.relative_to(DBT).as_posix()}: {number}"
            for path in models_and_macros()
            for number in unnamed_numbers(path.read_text(encoding="utf-8"))
        ]
    )


@pytest.mark.parametrize(
    ("sql", "number"),
    [
        ("having count(*) >= 20", "20"),
        ("where n_pairs < 10 -- ten", "10"),
        ("exp(1.2816 * sd)", "1.2816"),
        ("{{ exceeds('abs(log_gap)', 'ln(2)') }}", "2"),
        ("where value_usd > 1e5", "1e5"),
    ],
)
def test_a_threshold_without_a_name_is_found(sql, number) -> None:
    assert [found.partition(" in: ")[0] for found in unnamed_numbers(sql)] == [number]


def test_every_reason_for_a_number_is_needed() -> None:
    texts = [COMMENT.sub("", path.read_text(encoding="utf-8")) for path in models_and_macros()]
    assert [reason for reason, pattern in ALLOWED.items() if not any(re.search(pattern, text) for text in texts)] == []


def test_every_threshold_is_used() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in models_and_macros())
    used = set(re.findall(r"(?:var|log_factor)\(['\"](\w+)['\"]\)", text))
    used |= {f"{name}_{end}" for name in re.findall(r"clipped\('\w+', '(\w+)'\)", text) for end in ("least", "most")}
    numbers = {name for name, value in VARS.items() if isinstance(value, int | float)}
    assert numbers - used == set()


def test_python_has_the_same_thresholds_as_dbt() -> None:
    assert {name: VARS[name] for name in IN_PYTHON_TOO} == IN_PYTHON_TOO
