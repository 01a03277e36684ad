"""Checks of the landing: its ledger, its bytes, and what became of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from sources.model.artifact import shortened
from warehouse.read.checks.finding import Context, Finding, listed
from warehouse.read.landed import refused
from warehouse.release.losses import lost_statements, one_in_words
from warehouse.storage.database import FileHeldError, UnreadableFileError
from warehouse.storage.landing import PARTIAL, Landing
from warehouse.storage.ledger import REMEDY

_RESTORE = REMEDY.removeprefix("Remedy: ")


def ledger(context: Context) -> Iterator[Finding]:
    """Damaged, missing, changed and torn lines."""
    what = "the ledger of the landing is whole"
    lines = Landing(context.settings.landing).ledger
    problems = lines.problems()
    if problems:
        found = listed([f"{lines.path}, line {problem.line}: {problem.what}" for problem in problems])
        yield Finding(what, "wrong", found, _RESTORE)
    else:
        yield Finding(what, "ok", f"{len(lines.landed())} artifacts have landed")
    if lines.has_torn_end() and context.writer is None:
        found = f"{lines.path} ends in half a line, which a crash cut off and which never landed"
        yield Finding("the last line of the ledger is whole", "note", f"{found}; the next landing removes it")


def losses(context: Context) -> Iterator[Finding]:
    """Statements that were loaded or published and have no line."""
    what = "what was loaded has its line in the ledger"
    settings = context.settings
    landing = Landing(settings.landing)
    try:
        lost = lost_statements(settings, with_work_file=context.writer is None)
        has_work_file = context.writer is None
    except (FileHeldError, UnreadableFileError):
        lost = lost_statements(settings, with_work_file=False)
        has_work_file = False
    compared = "compared with the work file and the current release"
    if not has_work_file:
        compared = "compared with the current release; the work file is in use or cannot be read"
    if not lost:
        yield Finding(what, "ok", compared)
        return
    found = f"{len(lost)} lost:\n" + listed([one_in_words(landing, item) for item in lost])
    yield Finding(what, "wrong", found, _RESTORE)


def bytes_(context: Context) -> Iterator[Finding]:
    """Landed bytes that are missing, or no longer have their hash."""
    what = "landed bytes have their hashes"
    landing = Landing(context.settings.landing)
    rows = {entry.row["sha256"]: entry.row for entry in landing.ledger.landed()}
    damaged = [
        f"{row['source_code']}: {row['name']}, {landing.path_of(sha256)}, {problem}"
        for sha256, row in rows.items()
        if (problem := _problem_of(landing.path_of(sha256), sha256))
    ]
    if damaged:
        remedy = "restore them from the backup of landing/, or land them again."
        yield Finding(what, "wrong", f"{len(damaged)} damaged:\n{listed(damaged)}", remedy)
    else:
        yield Finding(what, "ok", f"{len(rows)} files, {sum(row['bytes'] for row in rows.values()):,} bytes")


def _problem_of(path: Path, sha256: str) -> str:
    try:
        with path.open("rb") as file:
            return "" if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else "has another hash"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def orphans(context: Context) -> Iterator[Finding]:
    """Files among the bytes that no line names."""
    what = "every file of the landing has a line"
    landing = Landing(context.settings.landing)
    named = {landing.path_of(statement.sha256) for statement in landing.ledger.statements()}
    found = sorted(
        str(path)
        for path in landing.bytes_folder.rglob("*")
        if path not in named and path.is_file() and not path.name.endswith(PARTIAL)
    )
    if not found:
        yield Finding(what, "ok", "no others")
    elif context.writer is not None:
        yield Finding(what, "note", f"{len(found)} without a line, while a build is landing files")
    else:
        remedy = (
            "if the ledger lost lines, restore it. If a run was killed while it landed a file, the next run lands it"
            " again. A file that stays without a line is used by nothing: move it away."
        )
        yield Finding(what, "wrong", f"{len(found)} without a line:\n{listed(found)}", remedy)


def readable(context: Context) -> Iterator[Finding]:
    """Artifacts that were refused, each with the command that sets it aside."""
    what = "what has landed can be read"
    settings = context.settings
    if Landing(settings.landing).ledger.problems():
        yield Finding(what, "note", "not checked, because the ledger is damaged")
        return
    if context.writer is not None:
        yield Finding(what, "note", f"not checked while {settings.home} is being written by {context.writer}")
        return
    try:
        refusals = refused(settings)
    except (FileHeldError, UnreadableFileError):
        yield Finding(what, "note", "not checked: the work file is in use or cannot be read")
        return
    active = [refusal for refusal in refusals if not refusal.is_past]
    for refusal in active:
        code, partition, sha256 = refusal.statement
        found = f"{code}: {partition} ({refusal.name}) was refused: {shortened(refusal.why, 400)}"
        remedy = f"land a correct file, or build without it: ree landing set-aside {sha256[:12]} REASON"
        yield Finding(what, "wrong", found, remedy)
    if not active:
        past = f"; {len(refusals)} refused, newer bytes took their place" if refusals else ""
        yield Finding(what, "ok", f"nothing is refused{past}")


def set_aside(context: Context) -> Iterator[Finding]:
    """Bytes that a person set aside."""
    items = [
        f"{item.artifact.source_code}: {item.artifact.partition} ({item.artifact.name},"
        f" {item.artifact.sha256[:12]}), since {item.at:%Y-%m-%d}: {item.reason}"
        for item in Landing(context.settings.landing).all_set_aside()
    ]
    if items:
        yield Finding("landed bytes that are set aside", "note", f"{len(items)} set aside:\n{listed(items)}")
