"""What a person does in Superset, by its REST interface."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

Rows = set[tuple[Any, ...]]


class Superset:
    """A user who is logged in."""

    def __init__(self, url: str, password: str) -> None:
        self.url, self.password = url, password
        self.http = httpx.Client(base_url=url, timeout=120)
        given = {"username": "admin", "password": password, "provider": "db"}
        token = self.ask("POST", "/api/v1/security/login", json=given)["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.http.headers["X-CSRFToken"] = self.ask("GET", "/api/v1/security/csrf_token/")["result"]
        self.http.headers["Referer"] = url

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """The answer to a request that has to succeed."""
        answer = self.http.request(method, path, **more)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def listed(self, kind: str) -> list[dict[str, Any]]:
        """Every chart, dashboard, dataset or database, as Superset shows one."""
        found = self.ask("GET", f"/api/v1/{kind}/?q=(page_size:100)")["result"]
        return [self.ask("GET", f"/api/v1/{kind}/{one['id']}")["result"] | {"id": one["id"]} for one in found]

    def rows(self, dataset: int, query: Mapping[str, Any], names: Iterable[str]) -> Rows:
        """The rows of a chart's query, with the columns `names`."""
        asked = {"datasource": {"id": dataset, "type": "table"}, "queries": [query], "result_format": "json"}
        result = self.ask("POST", "/api/v1/chart/data", json=asked | {"result_type": "full"})["result"][0]
        assert result["error"] is None
        assert not result["is_cached"], "an answer of the release before"
        days = {name for name, kind in zip(result["colnames"], result["coltypes"], strict=True) if kind == 2}
        return {
            tuple(_day(row[name]) if name in days else row[name] for name in names)
            for row in result["data"]
        }  # fmt: skip

    def sql(self, database: int, sql: str) -> httpx.Response:
        """What SQL Lab answers."""
        return self.http.post("/api/v1/sqllab/execute/", json={"database_id": database, "sql": sql, "runAsync": False})


def _day(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC).date().isoformat()


def axis(column: str, grain: str | None) -> dict[str, Any]:
    """A time axis: days are truncated to the grain."""
    named = {"columnType": "BASE_AXIS", "expressionType": "SQL", "sqlExpression": column, "label": column}
    return named | {"timeGrain": grain}


def query_of(params: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The query that a saved chart asks, and the columns of its answer."""
    filters = [
        {"col": one["subject"], "op": one["operator"], "val": one["comparator"]} for one in params["adhoc_filters"]
    ]
    query: dict[str, Any] = {"filters": filters, "row_limit": params["row_limit"]}
    if params["viz_type"] == "table":
        return query | {"columns": params["all_columns"]}, params["all_columns"]
    x, groups = params["x_axis"], params["groupby"]
    columns = [axis(x, params["time_grain_sqla"]) if "time_grain_sqla" in params else x, *groups]
    labels = [metric if isinstance(metric, str) else metric["label"] for metric in params["metrics"]]
    return query | {"columns": columns, "metrics": params["metrics"]}, [x, *groups, *labels]


def params_of(chart: Mapping[str, Any]) -> dict[str, Any]:
    """What a saved chart is made of."""
    return dict(json.loads(chart["params"]))
