"""The command `ree publish`."""

from __future__ import annotations

from orchestration.cli import console
from warehouse.release.place.place import PlaceError
from warehouse.release.place.target import open_place, public_address
from warehouse.release.place.upload import Uploaded, publish_to
from warehouse.release.store import DamagedError
from warehouse.settings import Settings


def run_publish(target: str, version: str | None, url: str | None, keep: int | None, *, is_private: bool) -> None:
    """Upload a release and make it the newest at the target."""
    settings = Settings()
    try:
        address = public_address(settings.publish_url if url is None else url)
        place = open_place(target, settings)
        done = publish_to(place, settings, version, address=address, keep=keep, is_private=is_private)
    except (PlaceError, LookupError, DamagedError) as error:
        raise console.fail(str(error)) from error
    readers = address or place.address
    console.out.print(f"{_what(done)} at {readers}", soft_wrap=True)
    for deleted in done.deleted:
        console.out.print(f"Release {deleted} was deleted there.")
    console.out.print(f"Readers open {readers}/latest.duckdb, read-only.", soft_wrap=True)
    if not address:
        console.out.print("For readers who find it elsewhere, name its public address: --url https://…", soft_wrap=True)


def _what(done: Uploaded) -> str:
    """`Release 2026.11.27.1, 143 files uploaded (64.1 MB), 2 already there,`."""
    if not done.written:
        return f"Release {done.version}, all {done.present:,} files already there,"
    present = f", {done.present:,} already there" if done.present else ""
    return f"Release {done.version}, {done.written:,} files uploaded ({done.size / 1e6:.1f} MB){present},"
