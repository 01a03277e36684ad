"""Explain a number: find one fact of the published release and trace it to the record that it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.facts import facts
from warehouse.read.query import QueryResult
from warehouse.read.source_record import record_text
from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.database import open_reader
from warehouse.storage.landing import Landing
from warehouse.storage.literals import literal

_SHOWN_RECORDS = 12
_SHOWN_CANDIDATES = 12
_MOST_COMPARED = 1_000
"""Of more facts that fit, none is looked up to see which still stands."""


class WhyError(Exception):
    """No fact, or more than one, is what was asked for; the message says what would tell them apart."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the explanation: a title and its rows."""

    title: str
    result: QueryResult


def explain(settings: Settings, asked: list[str]) -> list[Section]:
    """Explain one fact of the published release.

    Raises:
        WhyError: nothing is published, or what `explain_in` raises.
    """
    try:
        with open_reader(database(settings), settings) as con:
            return explain_in(con, settings, asked)
    except (LookupError, duckdb.Error) as error:
        raise WhyError(str(error)) from error


def explain_in(con: duckdb.DuckDBPyConnection, settings: Settings, asked: list[str]) -> list[Section]:
    """Explain one fact of an open release, named by its `fact_id` or by a table and `column=value` pairs.

    Its records are read from the landing of the settings, as far as they are there.

    Raises:
        WhyError: a table or column is not there, no fact fits, or several do.
        duckdb.Error: the release cannot be read.
    """
    fact_id = _fact(con, asked)
    sections = [Section(title, _ask(con, query, fact_id)) for title, query in _QUERIES.items()]
    sections.append(Section("Page that the cell was read on", _page(con, fact_id)))
    sections.append(Section("Records, as the landed files have them", _records(settings, con, fact_id)))
    return [section for section in sections if section.result.rows]


def _fact(con: duckdb.DuckDBPyConnection, asked: list[str]) -> str:
    """The id of the one fact that was asked for."""
    core = con.execute("select table_name from duckdb_tables() where schema_name = 'core' order by 1").fetchall()
    tables = [name for (name,) in core if name in facts()]
    table = (asked or [""])[0].rpartition(".")[2]
    if len(asked) == 1 and table not in tables:
        known = con.execute("select fact_id from marts.mart_why where fact_id = ?", asked).fetchall()
        if not known:
            msg = f"there is no fact {asked[0]!r}: give a fact_id, or a table and column=value pairs"
            raise WhyError(msg)
        return str(known[0][0])
    if table not in tables:
        msg = f"the first word is the fact's table, one of {', '.join(tables)}"
        raise WhyError(msg)
    columns = [name for name, *_ in con.execute(f"describe core.{table}").fetchall()]
    return _one(con, table, _conditions(table, columns, asked[1:]))


def _conditions(table: str, columns: list[str], pairs: list[str]) -> dict[str, str]:
    given = {}
    for pair in pairs:
        column, is_pair, value = pair.partition("=")
        if not is_pair or column not in columns:
            msg = f"{pair!r} is not column=value of core.{table}; its columns are {', '.join(columns)}"
            raise WhyError(msg)
        given[column] = value
    return given


def _one(con: duckdb.DuckDBPyConnection, table: str, given: dict[str, str]) -> str:
    """The one fact that fits; of several statements of one thing, the latest."""
    where = " and ".join(f"fact.{column}::varchar = ?" for column in given) or "true"
    fitting = con.execute(
        f"select fact_id from core.{table} as fact where {where} order by {', '.join(facts()[table].key)}, known_from",
        list(given.values()),
    ).fetchall()
    if not fitting:
        raise WhyError(_nothing(con, table, given))
    if len(fitting) > _MOST_COMPARED:
        fitting, n_left_out = fitting[:_SHOWN_CANDIDATES], len(fitting) - _SHOWN_CANDIDATES
    else:
        n_left_out = 0
    found = con.execute(
        "select fact_id, known_from, known_to, figure_key, figures from marts.mart_why"
        f" where fact_id in ({', '.join(literal(fact_id) for (fact_id,) in fitting)}) order by figure_key, known_from"
    ).fetchall()
    active = [row for row in found if row[2] is None] if len(found) > 1 else found
    if len(active) == 1 and not n_left_out:
        return str(active[0][0])
    shown = [f"  {key} known_from={day}  ({figures})" for _, day, _, key, figures in (active or found)]
    n_fitting = len(shown) + n_left_out
    more = f"\n  … and {n_fitting - _SHOWN_CANDIDATES} more" if n_fitting > _SHOWN_CANDIDATES else ""
    msg = f"{n_fitting} facts of core.{table} fit; name one by more of its columns:\n"
    raise WhyError(msg + "\n".join(shown[:_SHOWN_CANDIDATES]) + more)


def _nothing(con: duckdb.DuckDBPyConnection, table: str, given: dict[str, str]) -> str:
    """Which of the conditions, left out, would let a fact through, and what it could be instead."""
    hints = []
    for column in given:
        others = {name: value for name, value in given.items() if name != column}
        where = " and ".join(f"{name}::varchar = ?" for name in others) or "true"
        values = con.execute(
            f"select distinct {column}::varchar from core.{table} where {where} and {column} is not null order by 1",
            list(others.values()),
        ).fetchall()
        if values:
            listed = ", ".join(value for (value,) in values[:_SHOWN_CANDIDATES])
            hints.append(f"  {column} could be {listed}{', …' if len(values) > _SHOWN_CANDIDATES else ''}")
    conditions = " ".join(f"{column}={value}" for column, value in given.items())
    return f"no fact of core.{table} has {conditions}" + ("".join(f"\n{hint}" for hint in hints) if hints else "")


_QUERIES = {
    "The figure": """
        select table_name, figure_key, figures, value_raw, value_status, basis_code, known_from, known_to,
            coalesce(failed_rules, 'none') as failed_rules
        from marts.mart_why where fact_id = ?""",
    "Rules that it fails": """
        select failure_kind, rule, words, other_fact_id from meta.failed_rules where fact_id = ? order by all""",
    "Statements, oldest first": """
        select edition, release, known_from, known_to, figure_name, figure_value, value_status,
            change_relative, is_withdrawn
        from marts.mart_revision_history
        where figure_id in (select figure_id from marts.mart_revision_history where fact_id = ?)
        order by figure_name, statement_number""",
    "Both sides": """
        select exporter_code, importer_code, product_key, period_start, x_fob_usd, m_cif_usd, cif_ratio,
            cif_ratio_basis, m_fob_usd, value_log_gap, value_basis, w_exporter_value, value_usd, value_low_usd,
            value_high_usd, value_interval_basis, x_weight_kg, x_weight_status, m_weight_kg, m_weight_status,
            weight_basis, w_exporter_weight, weight_kg, weight_low_kg, weight_high_kg, conflict_class, scope_note,
            exporter_fact_id, importer_fact_id
        from core.fct_trade_mirror
        where ? in (fact_id, exporter_fact_id, importer_fact_id, exporter_weight_fact_id, importer_weight_fact_id)""",
    "Corrections and checks": """
        select why.n_files, why.n_records, why.corrections, max(checks.n_checks_passed) as n_checks_before_loading,
            (select count(*) from meta.validation_results where gate = 2 and success
                and build_id = (select build_id from meta.release) and table_name = why.table_name
            ) as n_checks_of_its_table
        from marts.mart_why as why
        inner join (select distinct fact_id, artifact_sha256 from meta.lineage) as lineage using (fact_id)
        inner join meta.artifact_checks as checks on lineage.artifact_sha256 = checks.artifact_sha256
        where why.fact_id = ? group by all""",
    "Files": """
        select distinct lineage.role, artifacts.name as file, artifacts.transcription, artifacts.known_from,
            artifacts.known_basis, artifacts.url as publisher_url, artifacts.sha256
        from meta.lineage as lineage
        inner join meta.artifacts as artifacts on lineage.artifact_sha256 = artifacts.sha256
        where lineage.fact_id = ? order by 1, 2""",
}


def _ask(con: duckdb.DuckDBPyConnection, query: str, fact_id: str) -> QueryResult:
    cursor = con.execute(query, [fact_id])
    columns = [column[0] for column in cursor.description or ()]
    return QueryResult(columns, cursor.fetchall(), has_more=False)


_BYTES_ARE = {
    "original": "the publisher's bytes",
    "extract": "an extract of the publisher's figures",
    "transcribed": "typed from a page",
}
"""What a record's text is, by `transcription` of its file."""


def _page(con: duckdb.DuckDBPyConnection, fact_id: str) -> QueryResult:
    """The address of the page on which the cell of a typed table was read; no row where its table names none."""
    tables = con.execute("select table_name from marts.mart_why where fact_id = ?", [fact_id]).fetchall()
    with_pages = con.execute(
        "select table_name from duckdb_columns() where schema_name = 'core' and column_name = 'page_url'"
    ).fetchall()
    if not set(tables) & set(with_pages):
        return QueryResult(["page_url"], [], has_more=False)
    return _ask(con, f"select page_url from core.{tables[0][0]} where fact_id = ?", fact_id)


def _records(settings: Settings, con: duckdb.DuckDBPyConnection, fact_id: str) -> QueryResult:
    """The records behind a fact with their own text, read from the landing where it still has them."""
    rows = con.execute(
        "select distinct lineage.role, artifacts.name, lineage.artifact_row, artifacts.sha256, artifacts.transcription"
        " from meta.lineage as lineage"
        " inner join meta.artifacts as artifacts on lineage.artifact_sha256 = artifacts.sha256"
        " where lineage.fact_id = ? order by 1, 2, 3",
        [fact_id],
    ).fetchall()
    printed = con.execute("select value_raw from marts.mart_why where fact_id = ?", [fact_id]).fetchall()[0][0]
    landed = Landing(settings.landing).by_hash()
    shown: list[tuple[Any, ...]] = []
    for role, name, row, sha256, transcription in rows[:_SHOWN_RECORDS]:
        text = None
        if sha256 in landed and landed[sha256].path.exists():
            raw = printed if role in {"reported", "added_up"} else None
            text = record_text(landed[sha256].read_bytes(), name, row, raw)
        text = text or "not shown: read the file by its sha256"
        shown.append((role, name, row, _BYTES_ARE[transcription], text))
    return QueryResult(["role", "file", "record", "text_is", "text"], shown, has_more=len(rows) > _SHOWN_RECORDS)
