"""Which sums of a query must not be made, and why: refused where the release shows it, warned of where it may be.

What must never be added together is declared (`warehouse/release/never_add.toml`, `sums` of the views of `bi`). A sum
is traced to published columns (`tree.py`); whether its groups mix what is declared is asked of the release itself
(`probes.py`). A query without sums is never refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

import duckdb
from sqlglot import exp

from warehouse.read.assistant import probes
from warehouse.read.assistant.catalogue import Catalogue, Table
from warehouse.read.assistant.probes import Added
from warehouse.read.assistant.tree import (
    Base,
    UnreadableError,
    origins,
    read_tree,
    relations,
    selects,
    terms,
)
from warehouse.release.never_add import has_part, never_add

_OTHER_SUMS = frozenset({"fsum", "sumkahan", "kahan_sum", "sum_no_overflow"})


@dataclass(slots=True)
class Judgement:
    """Why a query is refused, and what to mind about its answer: sentences."""

    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, sentence: str, *, is_refusal: bool) -> None:
        """Add a sentence once."""
        known = self.refusals if is_refusal else self.warnings
        if sentence not in known:
            known.append(sentence)


@dataclass(frozen=True, slots=True)
class _Measure:
    """A published column that a sum adds up, and its key columns as the select of the sum sees them."""

    table: Table
    column: str
    visible: Mapping[str, exp.Expr]
    others: Mapping[str, exp.Expr]
    is_whole: bool

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column}"


def judge(con: duckdb.DuckDBPyConnection, query: str, catalogue: Catalogue) -> Judgement:
    """Judge the sums and means of a query on an open release.

    A sum is refused, a mean is warned of. A sum that cannot be traced is warned of.
    """
    found = Judgement()
    try:
        tree = read_tree(query, catalogue.columns)
    except UnreadableError:
        if "sum" in query.lower():
            found.add(
                "The sums of this query could not be checked: see `describe` for what must never be added together.",
                is_refusal=False,
            )
        return found
    for select in tree.find_all(exp.Select):
        _judge_additions(select, found)
        for aggregate, is_sum in _aggregates(select):
            added = _added(aggregate, select)
            if added is not None:
                _Judge(con, catalogue, added, found, is_sum=is_sum).judge()
    return found


def _aggregates(select: exp.Select) -> Iterator[tuple[exp.Expr, bool]]:
    """The sums and means of a select itself, and whether each is a sum."""
    for node in select.find_all(exp.Sum, exp.Avg, exp.Anonymous):
        is_sum = isinstance(node, exp.Sum) or (isinstance(node, exp.Anonymous) and node.name.lower() in _OTHER_SUMS)
        if (is_sum or isinstance(node, exp.Avg)) and node.find_ancestor(exp.Select) is select:
            yield node, is_sum


def _added(aggregate: exp.Expr, select: exp.Select) -> Added | None:
    """What an aggregate adds up; None for one of another aggregate, whose own argument is judged."""
    argument = aggregate.expressions[0] if isinstance(aggregate, exp.Anonymous) else aggregate.this
    if isinstance(argument, exp.Distinct):
        argument = argument.expressions[0]
    if argument.find(exp.AggFunc) and not argument.find(exp.Sum, exp.Avg):
        return None
    condition = aggregate.parent.expression.this if isinstance(aggregate.parent, exp.Filter) else None
    window = aggregate.parent if condition is None or aggregate.parent is None else aggregate.parent.parent
    group = select.args.get("group")
    if isinstance(window, exp.Window):
        groups = window.args.get("partition_by") or []
        inner = argument.find(exp.Sum, exp.Avg)
        return Added(inner.this if inner else argument, select, groups, condition)
    if argument.find(exp.AggFunc):
        return None
    return Added(argument, select, group.expressions if group else [], condition)


def _judge_additions(select: exp.Select, found: Judgement) -> None:
    """Refuse `a + b` of two measures that are never summands of one sum."""
    within = relations(select)
    for addition in select.find_all(exp.Add):
        if addition.find_ancestor(exp.Select) is not select:
            continue
        sides = [
            [base for term in terms(side) if term.table in within for base in origins(within[term.table], term.name)]
            for side in (addition.left, addition.right)
        ]
        for one, other in product(*sides):
            for pair in never_add().summands:
                if pair.fit(one.column, other.column):
                    found.add(f"{one.column} and {other.column} are never added. {pair.why}.", is_refusal=True)


class _Judge:
    """Judges one sum or mean."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, catalogue: Catalogue, added: Added, found: Judgement, *, is_sum: bool
    ) -> None:
        self._con = con
        self._catalogue = catalogue
        self._added = added
        self._found = found
        self._is_sum = is_sum
        self._within = relations(added.select)
        self._reasons: dict[tuple[str, bool], list[str]] = {}
        """What is wrong with it, by remedy and whether that refuses it."""

    def judge(self) -> None:
        """Add what is wrong with it to the judgement."""
        try:
            self._judge_tables()
            linear = {term.sql() for term in terms(self._added.argument)}
            for term in terms(self._added.argument, weighted=True):
                for measure in self._measures(term):
                    self._judge_measure(measure, is_linear=term.sql() in linear)
        except duckdb.InterruptException:
            raise
        except duckdb.Error:
            self._found.add(
                f"{self._shown} could not be checked: see `describe` for what must never be added together.",
                is_refusal=False,
            )
        for (remedy, is_refusal), reasons in self._reasons.items():
            self._found.add(f"{self._shown}: {' '.join([*reasons, remedy]).strip()}", is_refusal=is_refusal)

    @property
    def _shown(self) -> str:
        names = ", ".join(dict.fromkeys(term.name for term in terms(self._added.argument, weighted=True)))
        return f"{'sum' if self._is_sum else 'avg'}({names})"

    def _say(self, why: str, measure: _Measure, *, in_doubt: bool = False) -> None:
        remedy = never_add().remedy(measure.table.name, measure.column)
        reasons = self._reasons.setdefault((remedy, self._is_sum and not in_doubt), [])
        if f"{why}." not in reasons:
            reasons.append(f"{why}.")

    def _measures(self, term: exp.Column) -> Iterator[_Measure]:
        relation = self._within.get(term.table)
        if relation is None:
            return
        for base in dict.fromkeys(origins(relation, term.name, weighted=True)):
            table = self._catalogue.tables.get(base.table)
            if table is not None and table.name.partition(".")[0] != "meta":
                yield _measure(table, base, relation, term)

    def _judge_measure(self, measure: _Measure, *, is_linear: bool) -> None:
        sums = measure.table.sums
        if measure.column in sums.get("additive", {}) or has_part(measure.column, "n"):
            return
        if is_linear and self._is_no_measure_to_add(measure):
            return
        if measure.column in sums.get("by_thing", ()):
            self._judge_line(measure)
        elif not self._judge_repeated(measure):
            self._judge_statements(measure)
            self._judge_apart(measure)
            self._judge_contained(measure)
            self._judge_join(measure)

    def _is_no_measure_to_add(self, measure: _Measure) -> bool:
        what = never_add().kind(measure.column)
        if what is None or not probes.several_rows(self._con, self._added):
            return False
        if self._is_sum:
            self._say(f"{measure.column} is {what}, and a sum of several means nothing", measure)
        else:
            self._say(f"{measure.column} is {what}: this mean gives each row the same weight", measure)
        return True

    def _judge_line(self, measure: _Measure) -> None:
        for thing in measure.table.sums.get("things", ()):
            if thing in measure.visible:
                values = probes.several_values(self._con, self._added, measure.visible[thing])
                if values:
                    additive = ", ".join(measure.table.sums.get("additive", {}))
                    instead = f"; {additive} of {measure.table.name} may be added up" if additive else ""
                    why = (
                        f"{measure.column} has one line for each {thing}, and not every one is known, so"
                        f" {_listed(values)} are not added together{instead}"
                    )
                    self._say(why, measure)
                    return
        if probes.several_rows(self._con, self._added):
            self._say(f"periods in which {measure.column} is not known are missing in it", measure, in_doubt=True)

    def _judge_repeated(self, measure: _Measure) -> bool:
        columns = never_add().repeated.get(measure.name)
        if columns is None or not set(columns) <= set(measure.visible):
            return False
        thing = {name: measure.visible[name] for name in columns}
        if probes.repeated_rows(self._con, self._added, thing):
            why = f"{measure.column} is one number for each {', '.join(columns)}, which stands on several rows"
            self._say(why, measure)
        return True

    def _judge_statements(self, measure: _Measure) -> None:
        declared = never_add().statement
        apart = {name: column for name, column in measure.visible.items() if name in declared}
        thing = {name: column for name, column in measure.visible.items() if name not in declared}
        if not apart or not thing:
            return
        found = probes.several_statements(self._con, self._added, {**thing, **measure.others}, apart)
        if found is None:
            return
        about, values = found
        shown = ", ".join(f"{name} {value}" for name, value in about.items() if name in thing)
        ways = "; ".join(f"{declared[name]} {_listed(some)}" for name, some in values.items() if name != "known_from")
        self._say(
            f"{measure.table.name} has several statements of one thing, which would be added up"
            f" ({shown}: {ways or 'days of knowledge ' + _listed(values['known_from'])})",
            measure,
        )

    def _judge_apart(self, measure: _Measure) -> None:
        for name, why in never_add().apart.items():
            only_for = never_add().only_for.get(name)
            if name not in measure.visible or (only_for and measure.column not in only_for):
                continue
            if values := probes.several_values(self._con, self._added, measure.visible[name]):
                self._say(f"{name} {_listed(values)} would be added together. {why}", measure)

    def _judge_contained(self, measure: _Measure) -> None:
        for name in never_add().contains:
            if name not in measure.visible:
                continue
            left_out = {name, *never_add().statement, *never_add().contains_across.get(name, ())}
            key = set(measure.table.thing)
            beside = {other: col for other, col in measure.visible.items() if other in key and other not in left_out}
            pair = probes.whole_and_part(
                self._con, self._added, name, measure.visible[name], {**beside, **measure.others}
            )
            if pair:
                self._say(f"{name} {pair[0]} contains {pair[1]}, so it would be counted twice", measure)

    def _judge_join(self, measure: _Measure) -> None:
        has_join = bool(self._added.select.args.get("joins"))
        key = {name: measure.visible[name] for name in measure.table.key if name in measure.visible}
        if not has_join or not measure.is_whole or len(key) < len(measure.table.key) or not key:
            return
        if probes.repeated_rows(self._con, self._added, key):
            self._say(
                f"the join repeats rows of {measure.table.name}, which are added up again", measure, in_doubt=True
            )

    def _judge_tables(self) -> None:
        """Refuse a sum over a union of facts that state the same, unless a label of each part groups it."""
        for relation in self._within.values():
            if not isinstance(relation, exp.Subquery) or not isinstance(relation.this, exp.SetOperation):
                continue
            columns = [term.name for term in terms(self._added.argument, weighted=True)]
            read = {base.table for column in columns for base in origins(relation, column, weighted=True)}
            for tables, why in never_add().tables:
                if len(read & tables) > 1 and not self._is_labelled(relation):
                    sentence = f"{self._shown} adds up {_listed(sorted(read & tables))}: {why}."
                    self._found.add(sentence, is_refusal=self._is_sum)

    def _is_labelled(self, relation: exp.Subquery) -> bool:
        labels = {
            projection.alias_or_name.lower()
            for select in selects(relation.this)
            for projection in select.expressions
            if isinstance(projection.unalias(), exp.Literal)
        }
        return any(
            column.name.lower() in labels for group in self._added.groups for column in group.find_all(exp.Column)
        )


def _measure(table: Table, base: Base, relation: exp.Expr, term: exp.Column) -> _Measure:
    if isinstance(relation, exp.Table):
        visible = {name: exp.column(name, table=term.table) for name in _tellers(table)}
        return _Measure(table, base.column, visible, {}, is_whole=True)
    visible, others = {}, {}
    first = next(selects(relation.this), None)
    for projection in first.expressions if first is not None else ():
        name = projection.alias_or_name
        column = exp.column(name, table=term.table)
        if isinstance(projection.unalias(), exp.Column):
            found = [one.column for one in origins(relation, name) if one.table == table.name]
            if found and found[0] in _tellers(table):
                visible[found[0]] = column
        elif not projection.find(exp.AggFunc) and name.lower() != term.name.lower():
            others[name] = column
    return _Measure(table, base.column, visible, others, is_whole=False)


def _tellers(table: Table) -> list[str]:
    """Columns that tell rows of a table apart: its key, and what must be kept apart."""
    declared = never_add()
    names = {*table.thing, *table.key, *declared.apart, *declared.contains, *table.sums.get("things", ())}
    return [name for name in table.columns if name in names]


def _listed(values: list[str]) -> str:
    return " and ".join(values) if len(values) < 3 else f"{', '.join(values[:-1])} and {values[-1]}"
