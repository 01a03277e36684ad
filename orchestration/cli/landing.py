"""`ree landing`: what has landed, and setting landed bytes aside."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from orchestration.cli import console
from sources.model.artifact import Artifact, shortened
from sources.registry import sources
from warehouse.read.landed import Refused, by_publisher, refused
from warehouse.release.losses import lost_statements
from warehouse.settings import Settings
from warehouse.storage.acceptances import Acceptances
from warehouse.storage.database import FileHeldError, UnreadableFileError
from warehouse.storage.landing import Landing, LandingError
from warehouse.storage.lock import BusyError, active_writer, sole_writer

_SHOWN_DIGITS = 12
_T = TypeVar("_T")


def show(source: str) -> None:
    """Show what has landed of each publisher, or each artifact of one; what was refused and what is set aside."""
    settings = Settings()
    refusals = _refusals(settings)
    if source:
        _show_artifacts(settings, source, refusals)
    else:
        _show_publishers(settings, refusals)
    _show_set_aside(settings, source)
    for refusal in refusals:
        if source in ("", refusal.statement.source_code):
            _print_item("Refused", refusal.statement.sha256, refusal.statement.partition, shortened(refusal.why, 400))
            console.out.print(f"  To build without it: ree landing set-aside {_digits(refusal)} REASON", soft_wrap=True)


def _refusals(settings: Settings) -> list[Refused]:
    """What was refused, which is in the work file. While a build has that for itself, none is shown."""
    try:
        if (writer := active_writer(settings)) is None:
            return refused(settings)
        why = f"{settings.home} is being written by {writer}"
    except (FileHeldError, UnreadableFileError) as error:
        why = str(error)
    console.err.print(f"What was refused is not shown: {why}", soft_wrap=True)
    return []


def _digits(refusal: Refused) -> str:
    return refusal.statement.sha256[:_SHOWN_DIGITS]


def _show_publishers(settings: Settings, refusals: list[Refused]) -> None:
    rows = [
        (one.source_code, one.artifacts, one.bytes, f"{one.newest:%Y-%m-%d}", one.set_aside, one.refused)
        for one in by_publisher(settings, refusals)
    ]
    if not rows:
        message = f"Nothing has landed in {settings.landing} yet: run `ree build`."
        raise console.fail(message)
    columns = ["publisher", "artifacts", "bytes", "last landed", "set aside", "refused"]
    console.show_table("Landing", columns, rows, unbroken="publisher")


def _show_artifacts(settings: Settings, source: str, refusals: list[Refused]) -> None:
    if source not in sources():
        message = f"Unknown publisher '{source}'; known are {', '.join(sources())}."
        raise console.fail(message)
    refused_hashes = {refusal.statement.sha256 for refusal in refusals}
    rows = [
        (
            item.artifact.sha256[:_SHOWN_DIGITS],
            item.artifact.partition,
            item.artifact.name,
            str(item.artifact.known_from),
            "refused" if item.artifact.sha256 in refused_hashes else "",
        )
        for item in Landing(settings.landing).landed(source)
    ]
    console.show_table(
        f"Landed of {source}", ["sha256", "partition", "file", "known from", ""], rows, unbroken="sha256"
    )


def _show_set_aside(settings: Settings, source: str) -> None:
    for item in Landing(settings.landing).all_set_aside():
        if source in ("", item.artifact.source_code):
            _print_item(
                "Set aside", item.artifact.sha256, item.artifact.partition, f"{item.reason} ({item.at:%Y-%m-%d})"
            )


def _print_item(what: str, sha256: str, partition: str, why: str) -> None:
    console.out.print(f"{what}: {sha256[:_SHOWN_DIGITS]} {partition}: {why}")


def set_aside(sha256: str, reason: str) -> None:
    """Leave landed bytes out of every build. They stay stored; the statement before them is active again."""
    done = _write("ree landing set-aside", lambda landing, _: landing.set_aside(sha256, reason))
    _report(done, "is set aside. `ree build` leaves it out from now on.")


def take_back(sha256: str, reason: str) -> None:
    """Use bytes again that were set aside."""
    done = _write("ree landing take-back", lambda landing, _: landing.take_back(sha256, reason))
    _report(done, "is no longer set aside. `ree build` uses it again.")


def accept(sha256: str, reason: str) -> None:
    """Load a file as it reads, although it does not fit its neighbours or states less than the one before it."""

    def record(landing: Landing, _: Settings) -> None:
        Acceptances(landing.folder).add(sha256, reason)

    _write("ree landing accept", record)
    console.out.print(f"Recorded: the file {sha256} is accepted. `ree build` loads it, with a warning and the reason.")


def accept_loss(reason: str) -> None:
    """Continue without ledger lines that are lost or damaged, where no backup has them. What is lost is recorded."""

    def accept(landing: Landing, settings: Settings) -> tuple[int, int]:
        return landing.accept_loss([lost.statement for lost in lost_statements(settings)], reason)

    lines, statements = _write("ree landing accept-loss", accept)
    console.out.print(
        f"Recorded: {lines} places where the ledger is damaged, {statements} statements lost. `ree build` continues"
        " without them; what a publisher or the snapshot still offers lands again.",
    )


def _write(what: str, change: Callable[[Landing, Settings], _T]) -> _T:
    settings = Settings()
    if not settings.home.is_dir():
        message = f"There is no warehouse in {settings.home} yet: run `ree build`, or set REE_HOME."
        raise console.fail(message)
    try:
        with sole_writer(settings, what):
            return change(Landing(settings.landing), settings)
    except (LandingError, BusyError, ValueError) as error:
        raise console.fail(str(error)) from error


def _report(artifacts: list[Artifact], what: str) -> None:
    for artifact in artifacts:
        console.out.print(f"{artifact.source_code}: {artifact.partition} ({artifact.name}) {what}")
