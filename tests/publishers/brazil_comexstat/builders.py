"""Records of Comex Stat's answers, all INVENTED."""

from __future__ import annotations

from typing import Any


def a_record(**fields: Any) -> dict[str, Any]:
    """One INVENTED record: imports of 85051100 from China in January 2025."""
    return {
        "coNcm": "85051100",
        "year": "2025",
        "monthNumber": "01",
        "country": "China",
        "ncm": "as the schedule describes it",
        "metricFOB": "1000",
        "metricKG": "100",
    } | fields
