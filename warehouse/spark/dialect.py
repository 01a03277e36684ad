"""DuckDB's SQL as Spark's, where the two differ and SQLGlot alone would change a result or be refused.

`to_spark` takes one query as dbt compiled it. Each function below is one difference, and is tested by its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import count

from sqlglot import exp, parse_one
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

Columns = Mapping[str, tuple[str, ...]]
"""Columns of each table in their order, by `schema.name`: `{"core.dim_stage": ("stage_code", "stage_order")}`."""
_TYPES = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMP", "VARCHAR": "STRING", "HUGEINT": "DECIMAL(38, 0)"}


class UntranslatableError(Exception):
    """A query cannot be written in Spark's SQL."""


def to_spark(query: str, columns: Columns) -> tuple[str, tuple[str, ...]]:
    """A query of DuckDB as one of Spark, and the names of its columns.

    Args:
        query: one select, with every table named with its schema: `select * from "work"."raw"."un_comtrade__trade"`.
        columns: of every table that it reads.

    Raises:
        UntranslatableError: it reads a column or table that is not there, or has no counterpart in Spark.
    """
    try:
        tree = parse_one(query, read="duckdb")
        if not isinstance(tree, exp.Query):
            msg = "it is no select"
            raise UntranslatableError(msg)
        tree = _with_named_columns(tree, columns)
        for translate in _TREE:
            translate(tree)
        names = tuple(tree.named_selects)
        for node in reversed(list(tree.walk())):  # the inner ones first
            for translate_node in _NODES:
                translated = translate_node(node)
                if translated is not node:
                    node.replace(translated)
                    break
        text: str = tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        msg = f"SQLGlot: {error}"
        raise UntranslatableError(msg) from error
    return text, names


def spark_type(declared: str) -> str:
    """The type of Spark that holds a type of DuckDB: `varchar` is `STRING`, `varchar[]` is `ARRAY<STRING>`."""
    name = declared.upper()
    if name.endswith("[]"):
        return f"ARRAY<{spark_type(name.removesuffix('[]'))}>"
    return _TYPES.get(name, name)


def spark_literal(text: str) -> str:
    r"""The text as a string of Spark's SQL, whatever quotes are in it: `it's` becomes `'it\'s'`."""
    return exp.Literal.string(text).sql(dialect="spark")


def _with_named_columns(tree: exp.Query, columns: Columns) -> exp.Query:
    """Stars written out, since Spark has no `* replace`, and every column with its table.

    A name then means what it means in DuckDB: the column of a table before the alias of the same query.
    """
    schema = MappingSchema(dialect="duckdb")
    for table in tree.find_all(exp.Table):
        table.set("catalog", None)
        if table.db:
            name = f"{table.db}.{table.name}"
            if name not in columns:
                msg = f"it reads {name}, which is not there"
                raise UntranslatableError(msg)
            schema.add_table(name, dict.fromkeys(columns[name], "unknown"), dialect="duckdb")
    chosen_columns(tree, columns)
    qualified: exp.Query = qualify(tree, dialect="duckdb", schema=schema)
    return qualified


def unions_by_name(tree: exp.Expr) -> None:
    """Spark's `union all` goes by position: every part lists the columns in the order of the first part.

    A column that a part lacks is null there.
    """
    unions = [union for union in tree.find_all(exp.SetOperation) if union.args.get("by_name")]
    for union in reversed(unions):  # the inner ones first
        names = list(dict.fromkeys([*union.left.named_selects, *union.right.named_selects]))
        for part in _selects(union):
            by_name = {column.alias_or_name: column for column in part.selects}
            nulls = {name: exp.alias_(exp.null(), name, quoted=True) for name in names}
            part.set("expressions", [by_name.get(name, nulls[name]) for name in names])
        union.args.pop("by_name")


def _selects(query: exp.Expr) -> list[exp.Select]:
    """The selects that a union is made of."""
    if isinstance(query, exp.SetOperation):
        return [*_selects(query.left), *_selects(query.right)]
    if isinstance(query, exp.Select):
        return [query]
    msg = f"a part of a union by name is no select: {query.sql(dialect='duckdb')}"
    raise UntranslatableError(msg)


def nested_unnests(tree: exp.Expr) -> None:
    """Spark makes rows of a list only as a whole column: an `unnest` inside an expression becomes a lateral view."""
    number = count(1)
    for unnest in list(tree.find_all(exp.Explode)):
        select = unnest.find_ancestor(exp.Select)
        if select is None or isinstance(unnest.parent, exp.Select | exp.Alias):
            continue
        name = f"unnested_{next(number)}"
        rows = exp.TableAlias(this=exp.to_identifier(name), columns=[exp.to_identifier("element")])
        unnest.replace(exp.column("element", table=name))
        select.append("laterals", exp.Lateral(this=unnest, view=True, alias=rows))


def conditions_on_windows(tree: exp.Expr) -> None:
    """`qualify year >= w` becomes a condition outside the subquery, where a column has no table of its own any more."""
    for condition in tree.find_all(exp.Qualify):
        for column in condition.find_all(exp.Column):
            if isinstance(column.find_ancestor(exp.Window, exp.Qualify), exp.Qualify):
                column.set("table", None)


def joined_texts(tree: exp.Expr) -> None:
    """`string_agg(distinct x, '; ' order by x) filter (where c)` joins a sorted list.

    Spark's own `listagg` stops with an error beside another distinct aggregate (4.3). Null where nothing is joined.
    """
    for joined in list(tree.find_all(exp.GroupConcat)):
        value, keys = joined.this, []
        if isinstance(value, exp.Order):
            value, keys = value.this, value.expressions
        is_distinct = isinstance(value, exp.Distinct)
        if is_distinct:
            [value] = value.expressions
        whole = joined.parent if isinstance(joined.parent, exp.Filter) else joined
        present: exp.Expr = exp.Not(this=exp.Is(this=value.copy(), expression=exp.null()))
        if isinstance(whole, exp.Filter):
            present = exp.and_(whole.expression.this, present)
        directions = {bool(key.args.get("desc")) for key in keys}
        if len(directions) > 1 or (is_distinct and any(key.this != value for key in keys)):
            msg = f"the order of {joined.sql(dialect='duckdb')} has no counterpart"
            raise UntranslatableError(msg)
        fields = [("k" + str(n), key.this.copy()) for n, key in enumerate(keys)] + [("v", value.copy())]
        named = [part for name, field in fields for part in (exp.Literal.string(name), field)]
        record = exp.Case().when(present.copy(), exp.Anonymous(this="named_struct", expressions=named))
        listed = exp.Anonymous(this="collect_set" if is_distinct else "collect_list", expressions=[record])
        if keys:
            listed = exp.Anonymous(this="array_sort", expressions=[listed])
        if directions == {True}:
            listed = exp.Anonymous(this="reverse", expressions=[listed])
        values = exp.Dot(this=listed, expression=exp.to_identifier("v"))
        text = exp.Anonymous(this="array_join", expressions=[values, joined.args["separator"]])
        whole.replace(exp.Case().when(exp.GT(this=_how_many(present), expression=exp.Literal.number(0)), text))


def _how_many(condition: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="count_if", expressions=[condition.copy()])


def chosen_columns(tree: exp.Expr, columns: Columns) -> None:
    """`columns('^(a|b)$')` of one table: those of the names that it has, in its order."""
    for chosen in list(tree.find_all(exp.Columns)):
        select = chosen.find_ancestor(exp.Select)
        table = select.find(exp.Table) if select else None
        wanted = chosen.this
        if (
            select is None
            or table is None
            or not isinstance(wanted, exp.Literal)
            or f"{table.db}.{table.name}" not in columns
        ):
            msg = f"{chosen.sql(dialect='duckdb')} has no counterpart"
            raise UntranslatableError(msg)
        pattern = re.compile(wanted.name)
        held = [exp.column(name) for name in columns[f"{table.db}.{table.name}"] if pattern.search(name)]
        place = chosen if isinstance(chosen.parent, exp.Select) else chosen.parent
        parts = select.expressions
        at = next(n for n, part in enumerate(parts) if part is place)
        select.set("expressions", [*parts[:at], *held, *parts[at + 1 :]])


_TREE: tuple[Callable[[exp.Expr], None], ...] = (
    unions_by_name,
    nested_unnests,
    conditions_on_windows,
    joined_texts,
)


def filtered_window(node: exp.Expr) -> exp.Expr:
    """`count(*) filter (where c) over w`: Spark has no filter there, so the function counts a case of its argument."""
    kept = node.this
    if not isinstance(node, exp.Window) or not isinstance(kept, exp.Filter):
        return node
    function, condition = kept.this, kept.expression.this
    counted = exp.Literal.number(1) if isinstance(function.this, exp.Star) else function.this
    function.set("this", exp.Case().when(condition, counted))
    node.set("this", function)
    return node


def moving_median(node: exp.Expr) -> exp.Expr:
    """The median of a window with an order: Spark has none, so it is taken from the window's sorted list."""
    if not isinstance(node, exp.Window) or not isinstance(node.this, exp.Median) or not node.args.get("order"):
        return node
    node.set("this", exp.Anonymous(this="collect_list", expressions=[node.this.this]))
    middle = parse_one(_MIDDLE, read="spark")
    middle.find(exp.Placeholder).replace(node.copy())  # type: ignore[union-attr]
    return middle


_MIDDLE = """
element_at(
    transform(
        array(array_sort(?)),
        sorted -> CASE WHEN size(sorted) > 0 THEN
            (element_at(sorted, int((size(sorted) + 1) DIV 2)) + element_at(sorted, int(size(sorted) DIV 2) + 1)) / 2D
        END
    ),
    1
)
"""


def division(node: exp.Expr) -> exp.Expr:
    """DuckDB divides floating-point numbers, Spark also decimals, at a scale of its own."""
    if isinstance(node, exp.Div) and not _is_double(node.left):
        node.set("this", exp.cast(node.left, "double"))
    return node


def _is_double(node: exp.Expr) -> bool:
    return isinstance(node, exp.Cast) and node.to.is_type("double")


def printed_number(node: exp.Expr) -> exp.Expr:
    """`printf` and `format('{:,}')` are `format_number`, which rounds a double's exact value, as C does.

    Spark's `format_string` rounds the shortest decimal that stands for the double, so that the ninth digit differs
    where the tenth is a 5. An exponent is written `E1`, not `e+01`: the models only read it back as a number.
    """
    if isinstance(node, exp.Anonymous) and node.name.lower() == "printf":
        pattern, *values = node.expressions
    elif isinstance(node, exp.Format):
        pattern, values = node.this, node.expressions
    else:
        return node
    known = _PRINTED.fullmatch(pattern.name)
    if len(values) != 1 or not known:
        msg = f"no counterpart is known of {node.sql(dialect='duckdb')}"
        raise UntranslatableError(msg)
    decimals = "0." + "0" * int(known["decimals"] or 0) + ("E0" if known["form"] == "e" else "")
    form = exp.Literal.string(decimals if known["form"] else "#,##0")
    return exp.Anonymous(this="format_number", expressions=[values[0], form])


_PRINTED = re.compile(r"%\.(?P<decimals>[1-9])(?P<form>[ef])|\{:,\}")


def concatenation(node: exp.Expr) -> exp.Expr:
    """DuckDB's `concat` leaves nulls out, Spark's is null with one of them; both `concat_ws` leave them out."""
    if not isinstance(node, exp.Concat):
        return node
    separator, *parts = node.expressions if isinstance(node, exp.ConcatWs) else ["", *node.expressions]
    texts = [_as_text(part) if isinstance(part, exp.Column) else exp.cast(part, "text") for part in parts]
    return exp.Anonymous(this="concat_ws", expressions=[exp.convert(separator), *texts])


def _as_text(column: exp.Expr) -> exp.Expr:
    """A column as DuckDB writes it: doubles as `0.00012` and `1.2e-05`, where Spark has `1.2E-4` and `1.2E-5`.

    Types are not known here, and Spark checks every branch: dates are no doubles, but their texts can be tried.
    """
    text = parse_one(_TEXT, read="spark")
    for place in list(text.find_all(exp.Placeholder)):
        place.replace(column.copy())
    return text


_TEXT = r"""
CASE
    WHEN typeof(?) <> 'double' THEN CAST(? AS STRING)
    WHEN abs(try_cast(CAST(? AS STRING) AS DOUBLE)) BETWEEN 1e-300 AND 0.99999999e-4
        THEN lower(format_number(try_cast(CAST(? AS STRING) AS DOUBLE), '0.################E00'))
    ELSE regexp_replace(CAST(CAST(CAST(? AS STRING) AS DECIMAL(38, 18)) AS STRING), '(\\.\\d+?)0+$', '$1')
END
"""


def interval(node: exp.Expr) -> exp.Expr:
    """`to_months(6)`, `to_years(1)` and `to_days(45)` as intervals that a date can be moved by."""
    if isinstance(node, exp.ToDays):
        return exp.Anonymous(this="make_dt_interval", expressions=[exp.cast(node.this, "int")])
    if isinstance(node, exp.Anonymous) and node.name.lower() in {"to_months", "to_years"}:
        length = exp.cast(node.expressions[0], "int")
        years_and_months: list[exp.Expr] = (
            [length] if node.name.lower() == "to_years" else [exp.Literal.number(0), length]
        )
        return exp.Anonymous(this="make_ym_interval", expressions=years_and_months)
    return node


def months_between(node: exp.Expr) -> exp.Expr:
    """DuckDB counts the ends of months between two dates; Spark counts whole months."""
    if not isinstance(node, exp.DateDiff) or node.text("unit").upper() != "MONTH":
        return node
    later, earlier = node.this, node.expression

    def ordinal(day: exp.Expr) -> exp.Expr:
        return exp.paren(exp.Year(this=day.copy()) * 12 + exp.Month(this=day.copy()))

    return exp.paren(ordinal(later) - ordinal(earlier))


def distinct_list(node: exp.Expr) -> exp.Expr:
    """`list(distinct x)` is a set."""
    if isinstance(node, exp.ArrayAgg) and isinstance(node.this, exp.Distinct):
        return exp.Anonymous(this="collect_set", expressions=node.this.expressions)
    return node


def holds_all(node: exp.Expr) -> exp.Expr:
    """`list_has_all(a, b)`: nothing of b is left without a."""
    if isinstance(node, exp.Anonymous) and node.name.lower() in {"list_has_all", "array_has_all"}:
        whole, part = node.expressions
        left_over = exp.Anonymous(this="array_except", expressions=[part, whole])
        return exp.paren(exp.EQ(this=exp.func("size", left_over), expression=exp.Literal.number(0)))
    return node


def element(node: exp.Expr) -> exp.Expr:
    """An element of a list by a computed position, which SQLGlot counts from 0; null beyond the list's end."""
    if isinstance(node, exp.Bracket) and len(node.expressions) == 1 and not node.expressions[0].is_number:
        return exp.Anonymous(this="try_element_at", expressions=[node.this, exp.paren(node.expressions[0]) + 1])
    return node


def list_length(node: exp.Expr) -> exp.Expr:
    """`len` of a list, or of a column that the query makes of one, is `size`; of a text it stays `length`."""
    if not isinstance(node, exp.Length):
        return node
    made = [node.this]
    if isinstance(node.this, exp.Column):
        made = [alias.this for alias in node.root().find_all(exp.Alias) if alias.alias == node.this.name]
    return exp.func("size", node.this, dialect="spark") if any(isinstance(one, _LISTS) for one in made) else node


_LISTS = (exp.ArrayFilter, exp.ArrayAgg, exp.Transform, exp.Split)


def quantile(node: exp.Expr) -> exp.Expr:
    """`quantile_cont(x, 0.9)` interpolates, as `percentile` does."""
    if isinstance(node, exp.PercentileCont) and node.expression:
        return exp.Anonymous(this="percentile", expressions=[node.this, node.expression])
    return node


def hashed(node: exp.Expr) -> exp.Expr:
    """`hash` has 64 bits; `md5_number` has 128, which no number of Spark holds, and stays a text."""
    name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
    if name == "hash":
        return exp.Anonymous(this="xxhash64", expressions=node.expressions)
    return exp.MD5(this=node.expressions[0]) if name == "md5_number" else node


_NODES: tuple[Callable[[exp.Expr], exp.Expr], ...] = (
    filtered_window,
    moving_median,
    division,
    printed_number,
    concatenation,
    interval,
    months_between,
    distinct_list,
    holds_all,
    element,
    list_length,
    quantile,
    hashed,
)
