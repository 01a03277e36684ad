"""Kinds of Great Expectations' rules, with the work left out that it does more than once."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

_COUNT = "unexpected_rows_query.row_count"


@cache
def counted_rows_expectation() -> Any:
    """The kind of expectation about the rows that a query finds; passes where it finds none, and observes how many.

    Great Expectations runs the query twice: to count its rows, and to fetch two hundred of them. The runner fetches the
    rows that it shows itself, and of the queries that found some alone.
    """
    from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation

    class CountedRowsExpectation(UnexpectedRowsExpectation):
        metric_dependencies: ClassVar[tuple[str, ...]] = (_COUNT,)

        def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
            return {"success": metrics[_COUNT] == 0, "result": {"observed_value": metrics[_COUNT]}}

    return configured_once(CountedRowsExpectation)


@cache
def configured_once(kind: Any) -> Any:
    """The same kind of expectation, which makes its configuration once.

    Great Expectations makes it again for each argument: 80 times a rule, a quarter of the time of judging.
    """
    from great_expectations.compatibility.pydantic import PrivateAttr

    def configuration(self: Any) -> Any:
        if self._made is None:
            self._made = kind.configuration.fget(self)
        return self._made

    def set_attribute(self: Any, name: str, value: Any) -> None:
        kind.__setattr__(self, name, value)
        if name != "_made":
            self._made = None

    members = {
        "__module__": kind.__module__,
        "_made": PrivateAttr(default=None),
        "configuration": property(configuration),
        "__setattr__": set_attribute,
    }
    return type(kind)(kind.__name__, (kind,), members)  # rules are registered under the name of their kind
