"""A query as a syntax tree whose columns are named with their tables, without CTEs and mergeable subqueries.

So a sum stands beside the tables that it adds up, as far as SQL allows: `with p as (from fct_production) select
sum(production_t_reo) from p` becomes a sum over `core.fct_production`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.merge_subqueries import merge_subqueries
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

_MOST_NODES = 20_000
"""Nodes of a tree that is still analysed; copies of nested CTEs grow exponentially."""
_PASSING = (
    exp.Paren,
    exp.Cast,
    exp.Neg,
    exp.Abs,
    exp.Round,
    exp.Floor,
    exp.Ceil,
    exp.Sum,
    exp.Avg,
    exp.Max,
    exp.Min,
    exp.AnyValue,
    exp.Filter,
    exp.Window,
    exp.Alias,
    exp.Nullif,
)
"""Expressions whose value is one of their operand's, as far as adding up is concerned."""
Columns = Mapping[str, tuple[str, ...]]
"""Columns of each published table, by `schema.name`."""


class UnreadableError(Exception):
    """The query cannot be analysed. That says nothing about whether it is right."""


@dataclass(frozen=True, slots=True)
class Base:
    """A column of a published table: `core.fct_production`, `production_t_reo`."""

    table: str
    column: str


def read_tree(query: str, columns: Columns) -> exp.Query:
    """Parse a query and prepare it as this module says.

    Args:
        query: one statement in DuckDB's SQL.
        columns: of every published table; a table's name without its schema is unique.

    Raises:
        UnreadableError: it is no query, or one that the parser does not understand.
    """
    schema = MappingSchema(dialect="duckdb")
    schemas = {name.partition(".")[2]: name.partition(".")[0] for name in columns}
    try:
        tree = parse_one(query, read="duckdb")
        if not isinstance(tree, exp.Query):
            msg = "it is no select"
            raise UnreadableError(msg)
        tree = _without_ctes(tree)
        for table in tree.find_all(exp.Table):
            if not table.db and table.name.lower() in schemas:
                table.set("db", exp.to_identifier(schemas[table.name.lower()]))
            name = table_name(table)
            schema.add_table(name, dict.fromkeys(columns.get(name, ()), "unknown"), dialect="duckdb")
        qualified = qualify(
            tree, dialect="duckdb", schema=schema, validate_qualify_columns=False, quote_identifiers=False
        )
        for select in qualified.find_all(exp.Select):
            _name_groups(select)
        merged = merge_subqueries(qualified)
    except (SqlglotError, RecursionError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableError(str(error)) from error
    if not isinstance(merged, exp.Query):
        msg = "it is no select"
        raise UnreadableError(msg)
    return merged


def _without_ctes(tree: exp.Query) -> exp.Query:
    """Put a copy of each CTE where it is named."""
    for clause in list(tree.find_all(exp.With))[::-1]:
        if clause.recursive:
            msg = "it is recursive"
            raise UnreadableError(msg)
        owner = clause.parent
        defined: dict[str, exp.Expr] = {}
        for cte in clause.expressions:
            _put_in_place(cte.this, defined)
            defined[cte.alias.lower()] = cte.this
        clause.pop()
        if owner is not None:
            _put_in_place(owner, defined)
    return tree


def _put_in_place(node: exp.Expr, defined: Mapping[str, exp.Expr]) -> None:
    size = sum(1 for _ in node.walk())
    for table in list(node.find_all(exp.Table)):
        if table.db or table.name.lower() not in defined or table is node:
            continue
        body = defined[table.name.lower()]
        size += sum(1 for _ in body.walk())
        if size > _MOST_NODES:
            msg = "it is too large"
            raise UnreadableError(msg)
        subquery = exp.Subquery(this=body.copy(), alias=exp.TableAlias(this=exp.to_identifier(table.alias_or_name)))
        for join in table.args.get("joins") or ():
            subquery.append("joins", join)
        table.replace(subquery)


def _name_groups(select: exp.Select) -> None:
    """Write out `group by all`."""
    group = select.args.get("group")
    if group is not None and group.args.get("all"):
        group.set("all", None)
        keys = [p.unalias().copy() for p in select.expressions if not p.find(exp.AggFunc)]
        group.set("expressions", keys)


def relations(select: exp.Select) -> dict[str, exp.Expr]:
    """The tables and subqueries that a select reads, by alias."""
    start = select.args.get("from_") or select.args.get("from")
    found = [start.this] if start is not None else []
    found += [join.this for join in select.args.get("joins") or ()]
    return {relation.alias_or_name: relation for relation in found}


def table_name(table: exp.Table) -> str:
    """`core.fct_production`."""
    return f"{table.db}.{table.name}".lower() if table.db else table.name.lower()


def terms(value: exp.Expr, *, weighted: bool = False) -> list[exp.Column]:
    """The columns whose values an expression passes on, sums up or scales: `a` and `b` of `2 * a + round(b)`.

    A condition is none. A product or quotient of columns has none, since a weighted share may be added up;
    with `weighted` it has all of its columns.
    """
    if isinstance(value, exp.Column):
        return [value]
    if isinstance(value, exp.Case):
        parts = [branch.args["true"] for branch in value.args["ifs"]] + [value.args.get("default")]
    elif isinstance(value, exp.If):
        parts = [value.args.get("true"), value.args.get("false")]
    elif isinstance(value, exp.Mul | exp.Div | exp.IntDiv):
        parts = [value.left, value.right]
        if not weighted and all(part.find(exp.Column) for part in parts):
            return []
    elif isinstance(value, exp.Add | exp.Sub):
        parts = [value.left, value.right]
    elif isinstance(value, exp.Coalesce):
        parts = [value.this, *value.expressions]
    elif isinstance(value, _PASSING):
        parts = [value.this]
    else:
        return []
    return [term for part in parts if part is not None for term in terms(part, weighted=weighted)]


def origins(relation: exp.Expr, column: str, *, weighted: bool = False) -> list[Base]:
    """The published columns whose values make up a column of a table or subquery (`terms`)."""
    if isinstance(relation, exp.Table):
        return [Base(table_name(relation), column.lower())]
    if not isinstance(relation, exp.Subquery):
        return []
    found = []
    for select in selects(relation.this):
        projection = _projection(select, column, relation.this)
        if projection is not None:
            inner = relations(select)
            for term in terms(projection.unalias(), weighted=weighted):
                if term.table in inner:
                    found += origins(inner[term.table], term.name, weighted=weighted)
    return found


def selects(query: exp.Expr) -> Iterator[exp.Select]:
    """The select of a query, or those of its set operation."""
    if isinstance(query, exp.SetOperation):
        yield from selects(query.left)
        yield from selects(query.right)
    elif isinstance(query, exp.Subquery):
        yield from selects(query.this)
    elif isinstance(query, exp.Select):
        yield query


def _projection(select: exp.Select, column: str, query: exp.Expr) -> exp.Expr | None:
    """A column of a select; of a set operation's later part, by its position in the first one."""
    first = next(selects(query), None)
    names = [projection.alias_or_name.lower() for projection in (first or select).expressions]
    if column.lower() not in names or len(select.expressions) <= names.index(column.lower()):
        return None
    found: exp.Expr = select.expressions[names.index(column.lower())]
    return found
