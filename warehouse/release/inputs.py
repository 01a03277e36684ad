"""What decides a release's content, as one hash: a build with the inputs of the current release changes nothing."""

from __future__ import annotations

import hashlib

from warehouse.code_version import code_version
from warehouse.release.store import Release, current_release, damage
from warehouse.settings import Settings
from warehouse.storage.work import as_of_day, open_work

_LEDGER_TABLES = {
    "sources": "true",
    "artifacts": "true",
    "loads": "true",
    "validation_results": "gate = 1",
    "failed_rows": "table_name in (select table_name from ledger.loads)",
}
"""What models and releases read besides raw, and which rows of it are there before the models run."""
_OF_ONE_BUILD = "load_id|build_id|loaded_at|checked_at"
"""Columns that say when something was done, not what."""


def inputs_hash(settings: Settings) -> str:
    """The hash, in 64 hexadecimal digits, of the code, the as-of day, and what was loaded and how it was judged.

    Rows of raw tables are not read: they follow from the artifacts, parsers and corrections that the ledger names.
    """
    digest = hashlib.sha256(f"{code_version()} {as_of_day(settings)}".encode())
    columns = f"*columns(name -> not regexp_full_match(name, '{_OF_ONE_BUILD}'))"
    with open_work(settings) as con:
        for table, condition in _LEDGER_TABLES.items():
            query = f"select to_json(struct_pack({columns}))::varchar as line from ledger.{table} where {condition}"
            for (line,) in con.execute(f"{query} order by line").fetchall():
                digest.update(f"{table} {line}\n".encode())
    return digest.hexdigest()


def release_of_inputs(settings: Settings) -> Release | None:
    """The current release, if it has the inputs of a build that would start now and its files are whole."""
    release = current_release(settings)
    if release is None or release.about.get("inputs_hash") != inputs_hash(settings):
        return None
    return None if damage(settings, release) else release
