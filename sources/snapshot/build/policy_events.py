"""The list of policy steps, with an id and a title of our own for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.snapshot.build.policy_steps import ADDED, DAYS, MISSING
from sources.snapshot.build.snapshot_file import SnapshotFile, records, table

_TECHNOLOGIES = "Catalogue of Technologies Prohibited and Restricted from Export"
_TAKEN_ON = "2026-11-27"
_COLUMNS = (
    *("event_id", "date", "date_precision", "announced_on", "effective_from", "suspended_on", "ended_on", "public_by"),
    *("actor", "target", "affected_flow", "subject", "event_type", "instrument", "title", "elements", "hs_codes"),
    *("direction", "same_step_as", "source_url"),
)

_EVENTS: dict[tuple[str, str], tuple[str, str]] = {
    # day as given, instrument: id, title
    ("2006", "MOFCOM rare earth export quota"):
        ("cn-2006-export-quota", "Export quota of 61,560 t for the year"),
    ("2010-07", "MOFCOM second batch of 2010 export quota"):
        ("cn-2010-07-export-quota-second-batch", "Second batch leaves 30,258 t for 2010, against 50,145 t in 2009"),
    ("2010-09-21", "no published instrument"):
        ("cn-2010-09-21-japan-shipments", "Shipments to Japan stop for some two months; never confirmed officially"),
    ("2010-12-28", "MOFCOM first batch of 2011 export quota"):
        ("cn-2010-12-28-export-quota-first-batch", "First batch for 2011 of about 14,400 t, 35 % down"),
    ("2011", "MOFCOM 2011 export quota"):
        ("cn-2011-export-quota", "Export quota of 30,184 t for the year"),
    ("2012-03-13", "DS431 / DS432 / DS433"):
        ("wto-2012-03-13-ds431", "US, EU and Japan open a dispute over China's export limits"),
    ("2012-08-22", "MOFCOM second batch of 2012 export quota"):
        ("cn-2012-08-22-export-quota-second-batch", "Second batch of 9,770 t brings 2012 to 30,996 t"),
    ("2014-03-26", "DS431 panel report"):
        ("wto-2014-03-ds431-panel", "Panel rules against China's export quotas and duties"),
    ("2015-01-01", "MOFCOM 2015 export licence catalogue"):
        ("cn-2015-01-01-quota-ends", "Export quota ends; exporters still need a licence"),
    ("2015-05-01", "State Council tariff adjustment"):
        ("cn-2015-05-01-duty-ends", "Export duties on rare earths end"),
    ("2020-12-01", "Export Control Law"):
        ("cn-2020-12-export-control-law", "Export Control Law in force"),
    ("2023-12-21", f"{_TECHNOLOGIES} (2023 revision)"):
        ("cn-2023-12-21-technology-ban", "Ban on exporting technology for separation, metals and some magnets"),
    ("2024", "Regulations on the Management of Rare Earths"):
        ("cn-2024-management-regulations", "State Council rules for mining, smelting and trade; in force 1 Oct 2024"),
    ("2024-12-01", "Regulations on Export Control of Dual-Use Items; unified control list (Ann. 51 of 2024)"):
        ("cn-2024-12-dual-use-list", "One control list for dual-use goods takes effect"),
    ("2025-01-29", "Cabinet approval"):
        ("in-2025-01-29-critical-mineral-mission", "Cabinet approves the National Critical Mineral Mission"),
    ("2025-04-04", "MOFCOM & GACC Announcement No. 18 of 2025"):
        ("cn-2025-04-04-mofcom-18", "Licences for seven medium and heavy rare earths and magnets with them, at once"),
    ("2025-06-13", "Direction to IREL (press report)"):
        ("in-2025-06-13-irel-japan", "IREL told to halt its exports to Japan under the agreement of 2012"),
    ("2025-07-18", f"{_TECHNOLOGIES}, 2025 adjustment"):
        ("cn-2025-07-18-technology-catalogue", "Catalogue amended for batteries and gallium; rare-earth bans stay"),
    ("2025-08-01", "PIB PRID 2151394 / 2151596"):
        ("in-2025-08-01-pib-2151394", "Government publishes China's share of India's magnet imports"),
    ("2025-08-18", "Wang Yi–Jaishankar meeting, New Delhi"):
        ("cn-in-2025-08-18-assurance", "China assures India on rare earths, fertiliser and boring machines"),
    ("2025-10-09", "MOFCOM & GACC Announcement No. 55 of 2025"):
        ("cn-2025-10-09-mofcom-55", "Licences for superhard materials"),
    ("2025-10-09", "MOFCOM & GACC Announcement No. 56 of 2025"):
        ("cn-2025-10-09-mofcom-56", "Licences for rare-earth equipment and process materials, from 8 November 2025"),
    ("2025-10-09", "MOFCOM & GACC Announcement No. 57 of 2025"):
        ("cn-2025-10-09-mofcom-57", "Licences for five more medium and heavy rare earths, from 8 November 2025"),
    ("2025-10-09", "MOFCOM & GACC Announcement No. 58 of 2025"):
        ("cn-2025-10-09-mofcom-58", "Licences for lithium batteries and graphite anodes"),
    ("2025-10-09", "MOFCOM Announcement No. 61 of 2025"):
        ("cn-2025-10-09-mofcom-61", "Foreign goods holding 0.1 % of Chinese rare earths by value need a licence"),
    ("2025-10-09", "MOFCOM Announcement No. 62 of 2025"):
        ("cn-2025-10-09-mofcom-62", "Licences for technology from mine to magnet and recycling, at once"),
    ("2025-10-30", "press report"):
        ("cn-in-2025-10-30-first-licences", "First Indian buyers get heavy rare-earth magnets, not for re-export"),
    ("2025-11-07", "MOFCOM & GACC Announcement No. 70 of 2025"):
        ("cn-2025-11-07-mofcom-70", "Announcements 55 to 58, 61 and 62 suspended to 10 November 2026; not No. 18"),
    ("2025-11-26", "Union Cabinet"):
        ("in-2025-11-26-magnet-scheme", "Cabinet approves Rs 7,280 crore for 6,000 t a year of sintered magnets"),
    ("2025-12-15", "Ministry of Heavy Industries notification"):
        ("in-2025-12-15-magnet-scheme-notified", "The magnet scheme is notified"),
    ("2025-12-19", "MOFCOM spokesperson"):
        ("cn-2025-12-19-general-licences", "Ministry says some year-long general licences are granted"),
    ("2026-01-06", "MOFCOM announcement on dual-use exports to Japan"):
        ("cn-2026-01-06-japan-dual-use", "No dual-use goods to military users in Japan"),
    ("2026-02", "MOFCOM export control list"):
        ("cn-2026-02-japan-entities", "Control list gains 20 Japanese entities"),
    ("2026-02-01", "Union Budget 2026-27"):
        ("in-2026-02-01-budget-corridors", "Budget plans rare-earth corridors in four states and duty-free plant"),
    ("2026-04-17", "MOFCOM spokesperson"):
        ("cn-2026-04-17-suspension-stays", "Ministry repeats: the steps of October 2025 rest until 10 November 2026"),
    ("2026-06", "MOFCOM"):
        ("cn-2026-06-reporting-platform", "Platform to report smuggling of minerals through third countries"),
    ("2026-06", "MOFCOM export control list"):
        ("cn-2026-06-japan-entities", "Control list gains 20 more Japanese entities"),
}  # fmt: skip


def _compiled(path: Path) -> Iterator[dict[str, str]]:
    """The steps of the first list, with our ids and titles."""
    header, *body = records(path)
    for cells in body:
        row = dict(zip(header, cells, strict=True))
        event_id, title = _EVENTS[row["date"], row["instrument"]]
        yield row | {"event_id": event_id, "title": title} | DAYS[event_id]


def _added(path: Path) -> Iterator[dict[str, str]]:
    """The steps of the second list; its titles, and an address that is none, are replaced."""
    header, *body = records(path)
    for cells in body:
        row = dict(zip(header, cells, strict=True))
        yield row | ADDED[row["date"], row["instrument"]]


def build(folder: Path) -> Iterator[SnapshotFile]:
    """The whole list: the steps of both lists in their own order, then those that neither has."""
    original = folder / "events" / "policy_events.csv"
    steps = [
        *_compiled(original),
        *_added(folder / "policy" / "policy_events_additions_transcribed.csv"),
        *MISSING,
    ]
    yield SnapshotFile(
        file="policy_events/policy_events.csv",
        data=table([_COLUMNS, *([step.get(column, "") for column in _COLUMNS] for step in steps)]),
        original=original,
        row={
            "source_code": "policy_events",
            "layout": "extract_dated_events",
            "partition": "Policy events",
            "year": _TAKEN_ON[:4],
            "release": _TAKEN_ON,
            "known_from": _TAKEN_ON,
            "taken_on": _TAKEN_ON,
            "known_basis": "assumed",
            "known_from_note": "the day of taking; each step was known from the day of its own notice, in public_by",
            "transcription": "transcribed",
            "how": "days, actors, types, elements, codes, directions and addresses as compiled; titles in our own "
            "words; days of effect, suspension and end, targets and flows as the pages state them",
            "url": "https://www.mofcom.gov.cn",
            "taken_from": "stored public pages; repositories moyu-xu/india-china-dependency-atlas-2026 @ 1013a4f, "
            "calvincj/Critical-Minerals-Tracker @ 01cc43a, weiqi-kids/agent.cross-border-trade",
        },
    )
