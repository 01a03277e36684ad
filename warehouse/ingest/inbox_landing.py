"""Landing the statements of one dropped file: all that are new, or none if one of them is refused."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sources.model.artifact import Artifact, SourceError
from sources.model.source import ParsedTable, Source
from warehouse import clock
from warehouse.ingest.unforeseen import UNFORESEEN, refusal_of
from warehouse.quality.beside import years_beside
from warehouse.quality.expectations.runner import Result
from warehouse.quality.gates import in_words, judge_load, stopping
from warehouse.quality.whole import judge_whole, not_whole
from warehouse.settings import Settings
from warehouse.storage.acceptances import Acceptances
from warehouse.storage.landing import Landing

log = logging.getLogger("ree.inbox")


@dataclass(frozen=True, slots=True)
class Statement:
    """One artifact of a dropped file, and what it says."""

    artifact: Artifact
    tables: tuple[ParsedTable, ...]


def land(settings: Settings, source: Source, statements: Sequence[Statement]) -> list[Artifact]:
    """Land the statements of one file that say something new; return their artifacts.

    Raises:
        SourceError: one of them is set aside, leaves out periods that its partition holds, or fails gate 1. Then none
            of the file lands.
    """
    landing = Landing(settings.landing)
    new = [artifact for each in statements if (artifact := _new_artifact(source, landing, each)) is not None]
    return new if landing.land(new, came_by="inbox") else []


def _new_artifact(source: Source, landing: Landing, statement: Statement) -> Artifact | None:
    """The artifact to land, after it was judged; None where its partition says just that already."""
    artifact, tables = statement.artifact, statement.tables
    if reason := landing.reason_set_aside(artifact.sha256):
        raise SourceError(
            artifact,
            f"has the bytes that were set aside: {reason}.",
            f"if it is right, first run `ree landing take-back {artifact.sha256[:12]} REASON`.",
        )
    active = [item.artifact for item in landing.landed(source.code) if item.artifact.partition == artifact.partition]
    on_its_day = landing.statement_before(artifact)
    if any(_says_the_same(source, tables, held) for held in (*active[-1:], *([on_its_day] if on_its_day else []))):
        return None
    artifact = _with_day_of_its_own(artifact, active)
    known_before = [earlier for earlier in active if earlier.known_from <= artifact.known_from]
    _require_whole(source, artifact, tables, landing, known_before[-1] if known_before else None)
    refusals = stopping(result for table in tables for result in judge_load([(artifact, table)]))
    if refusals:
        raise SourceError(
            artifact,
            "is not believable: " + "; ".join(in_words(result) for result in refusals) + ".",
            "look at these records; if they are right, the rule is wrong (docs/rules.md).",
        )
    return artifact


def _with_day_of_its_own(artifact: Artifact, active: Sequence[Artifact]) -> Artifact:
    """A release that was replaced without a later day is known from today, as a fetch run has it."""
    is_dated = artifact.known_basis != "assumed"
    if is_dated and any((held.release, held.known_from) == (artifact.release, artifact.known_from) for held in active):
        return replace(artifact, known_from=clock.today(), known_basis="assumed")
    return artifact


def _says_the_same(source: Source, tables: tuple[ParsedTable, ...], landed: Artifact) -> bool:
    before = _parsed_again(source, landed)
    return [table.content_sha256() for table in tables] == [table.content_sha256() for table in before]


def _require_whole(
    source: Source, artifact: Artifact, tables: tuple[ParsedTable, ...], landing: Landing, landed: Artifact | None
) -> None:
    """A file replaces the release before it in its partition, and what it leaves out would end.

    Raises:
        SourceError: it leaves out much of that release; or it is the first, and much less than the years beside it.
    """
    before = {table.spec.name: table.frame for table in _parsed_again(source, landed)} if landed else {}
    results: list[Result] = []
    for table in tables:
        newest = landing.newest(source.code, years_beside(table.spec, artifact))
        others = [other for year in newest.values() for other in _parsed_again(source, year)]
        years = [(other.frame, other.rejects.height) for other in others if other.spec == table.spec]
        results += judge_whole(artifact, table, before.get(table.spec.name), years)
    failed = stopping(results)
    if failed and not Acceptances(landing.folder).reason(artifact.sha256):
        raise not_whole(artifact, failed)


def _parsed_again(source: Source, landed: Artifact) -> tuple[ParsedTable, ...]:
    """What has landed, as it is read now; nothing where it cannot be read."""
    try:
        return source.parse(landed)
    except UNFORESEEN as error:
        why = refusal_of(landed, error, "cannot be read", "none is needed: this file takes its place.")
        log.warning("%s: what has landed of %s cannot be read: %s", source.code, landed.partition, why)
        return ()
