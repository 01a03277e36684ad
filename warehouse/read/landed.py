"""What has landed, per publisher and artifact by artifact, with what was refused. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sources.registry import sources
from warehouse.ingest.load import is_past
from warehouse.settings import Settings
from warehouse.storage.landing import Landed, Landing
from warehouse.storage.ledger import Statement
from warehouse.storage.work import read_work

_REFUSED = """
select
    loads.source_code, loads.partition, loads.artifact_sha256, any_value(artifacts.name) as name,
    any_value(results.why) as why
from ledger.loads as loads
left join ledger.artifacts as artifacts
    on loads.artifact_sha256 = artifacts.sha256 and loads.partition = artifacts.partition
left join (
    select build_id, partition, arg_max(coalesce(nullif(observed, ''), rule), checked_at) as why
    from ledger.validation_results
    where gate = 1 and not success and partition is not null
    group by build_id, partition
) as results on loads.build_id = results.build_id and loads.partition = results.partition
where loads.status = 'refused'
group by all
order by all
"""


@dataclass(frozen=True, slots=True)
class Refused:
    """An artifact that landed and was refused by its parser or gate 1. If `is_past`, newer bytes took its place."""

    statement: Statement
    name: str
    why: str
    is_past: bool


@dataclass(frozen=True, slots=True)
class PublisherLanding:
    """What has landed of one publisher; `newest` is when the last artifact landed."""

    source_code: str
    artifacts: int
    bytes: int
    newest: datetime
    set_aside: int
    refused: int


def refused(settings: Settings) -> list[Refused]:
    """The artifacts that the last build which read them refused, by publisher and partition.

    Raises:
        FileHeldError: another process has the work file open for writing.
        UnreadableFileError: the work file is damaged.
        LedgerError: the ledger is damaged.
    """
    if not settings.work_file.exists():
        return []
    with read_work(settings) as con:
        if not con.execute("select 1 from duckdb_tables() where schema_name = 'ledger'").fetchall():
            return []
        rows = con.execute(_REFUSED).fetchall()
    landing = Landing(settings.landing)
    landed = {
        Statement(code, item.artifact.partition, item.artifact.sha256): item
        for code in {row[0] for row in rows}
        for item in landing.landed(code)
    }
    return [
        Refused(statement, name or "?", why or "gate 1", is_past=_is_past(landing, landed[statement]))
        for statement, name, why in ((Statement(*row[:3]), row[3], row[4]) for row in rows)
        if statement in landed
    ]


def _is_past(landing: Landing, item: Landed) -> bool:
    source = sources().get(item.artifact.source_code)
    return source is not None and is_past(source, item, landing.landed(source.code))


def by_publisher(settings: Settings, refusals: list[Refused]) -> list[PublisherLanding]:
    """What has landed, one row per publisher, in alphabetical order. Artifacts set aside are not among `artifacts`.

    Raises:
        LedgerError: the ledger is damaged.
    """
    landing = Landing(settings.landing)
    found: dict[str, dict[str, Any]] = {}
    for item in landing.landed():
        one = found.setdefault(item.artifact.source_code, {"artifacts": 0, "bytes": 0, "newest": item.landed_at})
        one["artifacts"] += 1
        one["bytes"] += item.bytes
        one["newest"] = max(one["newest"], item.landed_at)
    aside = landing.all_set_aside()
    for left_out in aside:
        found.setdefault(left_out.artifact.source_code, {"artifacts": 0, "bytes": 0, "newest": left_out.at})
    return [
        PublisherLanding(
            code,
            **found[code],
            set_aside=sum(item.artifact.source_code == code for item in aside),
            refused=sum(refusal.statement.source_code == code for refusal in refusals),
        )
        for code in sorted(found)
    ]
