"""Great Expectations' rule about the rows that a query finds, with the query run once.

Great Expectations runs it twice: to count its rows, and to fetch two hundred of them. The runner fetches the rows that
it shows itself, and of the queries that found some alone.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

_COUNT = "unexpected_rows_query.row_count"


@cache
def counted_rows_expectation() -> Any:
    """The kind of expectation; passes where its query finds no row, and observes how many it found."""
    from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation

    class CountedRowsExpectation(UnexpectedRowsExpectation):
        metric_dependencies: ClassVar[tuple[str, ...]] = (_COUNT,)

        def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
            return {"success": metrics[_COUNT] == 0, "result": {"observed_value": metrics[_COUNT]}}

    return CountedRowsExpectation
