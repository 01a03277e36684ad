"""Ask CEPII for the newest release of BACI: the page that lists archives, then one archive a revision of the HS.

Belongs here: finding the newest archive, when it is due, and which statements its years are. Does not belong here:
reading an archive (`fetch_years.py`), or what the figures mean (`parse.py`).
"""

from __future__ import annotations

import calendar
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from sources.http.client import Body, FetchError, PassingError, TryLaterError
from sources.http.fetcher import Answer, Look, Task, Visit
from sources.model.artifact import Artifact, KnownBasis, LayoutError
from sources.model.paths import project_path
from sources.model.products import HS_CODES
from sources.publishers.cepii_baci.fetch.years import Kept, Limits, keep_years, members_by_year, normal
from sources.publishers.cepii_baci.partition import Partition
from sources.reading.archives import DamagedArchiveError
from sources.reading.layouts import declared

log = logging.getLogger("ree.cepii_baci")

_HERE = Path(__file__).parents[1]
_LAYOUT = "baci_csv"
_ARCHIVE = re.compile(r"BACI_(?P<revision>HS\d\d)_(?P<release>V\d{6}[a-z]?)\.zip", re.IGNORECASE)
_PAGE_BYTES = 10_000_000
_NO_LAST_YEAR = 9999


def discover(visit: Visit) -> dict[str, Any]:
    """Find the newest archive of each revision asked for: `{"archives": {"HS17": {"release": …, "address": …}}}`.

    The pages are asked in turn until all revisions are found; newest is by release, whatever the order of the links.

    Raises:
        FetchError: no page could be had, or none names an archive of a revision asked for.
    """
    live = visit.about["live"]
    wanted = [archive["revision"] for archive in live["archives"]]
    newest: dict[str, dict[str, str]] = {}
    trouble: list[FetchError] = []
    for page in live["pages"]:
        try:
            body = visit.http.get(page, expect="html", max_bytes=_PAGE_BYTES, check=_require_archives)
        except TryLaterError:
            raise
        except FetchError as error:
            log.warning("%s", error)
            trouble.append(error)
            continue
        for revision, found in _archives_of(body, visit).items():
            if revision in wanted and found["release"] > newest.get(revision, {"release": ""})["release"]:
                newest[revision] = found
        if all(revision in newest for revision in wanted):
            return {"archives": newest}
    if len(trouble) == len(live["pages"]):
        raise trouble[0]
    raise FetchError(
        visit.http.redact(" and ".join(live["pages"])),
        f"names no BACI_<revision>_V<release>.zip of {[name for name in wanted if name not in newest]}.",
        "look at the page; if CEPII moved its archives, change `pages` under [live] in"
        f" {project_path(_HERE / 'source.toml')}.",
    )


def _require_archives(body: Body) -> None:
    """The list of archives is never without one: a page that is may be an error's."""
    if not _links_of(body):
        raise PassingError(body.url, "names no archive of BACI.", "it is asked again in the next run.")


def _links_of(body: Body) -> list[str]:
    """The links of a page that name an archive."""
    try:
        page = html.document_fromstring(body.read())
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise FetchError(body.url, f"is no HTML page ({error}).", "look at the page by hand.") from error
    links = (link.get("href", "").strip() for link in page.iter("a"))
    return [href for href in links if _ARCHIVE.search(href)]


def _archives_of(body: Body, visit: Visit) -> dict[str, dict[str, str]]:
    """The newest archive of each revision that a page links to."""
    newest: dict[str, dict[str, str]] = {}
    for href in _links_of(body):
        address = urljoin(body.url, href)
        said = _ARCHIVE.fullmatch(urlsplit(address).path.rsplit("/", 1)[-1])
        if said is None:
            continue
        revision, release = said["revision"].upper(), normal(said["release"])
        if release > newest.get(revision, {"release": ""})["release"]:
            newest[revision] = {"release": release, "address": _on_own_host(address, visit)}
    return newest


def _on_own_host(address: str, visit: Visit) -> str:
    """An address on a host of CEPII's as a path: it is asked of the base address, which may be a mirror, and by TLS.

    A mirror may lie below a path of its host; a link that leads there already stays as it is.
    """
    live = visit.about["live"]
    base = urlsplit(visit.http.manners.base_url)
    own = {base.netloc, urlsplit(live["base_url"]).netloc, *live.get("hosts", ())}
    split = urlsplit(address)
    if split.netloc.lower() not in own:
        return address
    below = base.path.rstrip("/")
    path = split.path if split.path.startswith(f"{below}/") else below + split.path
    return path + (f"?{split.query}" if split.query else "")


def plan(visit: Visit) -> list[Task]:
    """One task a revision whose archive is due.

    It is due when a newer release is named, when other codes are followed than were kept, or to look at it again. A
    release older than the one that is held is never asked for: a page that goes back is a mistake of the page.
    """
    tasks = []
    for archive in visit.about["live"]["archives"]:
        newest = visit.catalogue.get("archives", {}).get(archive["revision"])
        if newest is None:
            continue
        first = date(archive["first_year"], 1, 1)
        last = date(min(int(newest["release"][1:5]) - 1, archive.get("last_year", _NO_LAST_YEAR)), 12, 31)
        key = f"BACI {archive['revision']}"
        why = _why_due(visit, visit.looks.get(key), newest["release"], archive)
        if why and visit.window.touches(first, last):
            ask = {**newest, "archive": dict(archive), "scope": _scope(archive)}
            tasks.append(Task(key, first, last, calls=1, records=None, why=why, ask=ask))
    return tasks


def _why_due(visit: Visit, look: Look | None, release: str, archive: Mapping[str, Any]) -> str:
    """Why an archive is due, or "" where it is not."""
    if look is None:
        return f"{release} has not been fetched"
    held = look.marks.get("release", "")
    if held > release:
        log.warning("BACI %s: the page names %s, older than %s, which is held", archive["revision"], release, held)
        return ""
    if held < release:
        return f"{release} follows {held}"
    if look.marks.get("scope") != _scope(archive):
        return f"{release} was fetched for other codes or years than are followed now"
    age = (visit.today - look.at.date()).days
    return f"{release} was looked at {age} days ago" if age >= visit.about["live"]["recheck_days"] else ""


def _scope(archive: Mapping[str, Any]) -> str:
    """What is kept of an archive: a change of it makes the archive due."""
    return f"{archive['first_year']}-{archive.get('last_year', '')} {' '.join(HS_CODES)}"


@dataclass
class _Taking:
    """One archive being taken: what is asked, what is held of it, and the years that came."""

    visit: Visit
    ask: Mapping[str, Any]
    marks: Mapping[str, str]
    kept: list[Kept] = field(default_factory=list)

    @property
    def _is_again(self) -> bool:
        """Whether this very release was fetched before, for the same codes."""
        return (self.marks.get("release"), self.marks.get("scope")) == (self.ask["release"], self.ask["scope"])

    @property
    def validators(self) -> Mapping[str, str]:
        """The marks of the archive that is held, if an unchanged one need not come again."""
        return self.marks if self._is_again else {}

    def is_held(self, body: Body) -> bool:
        """Whether the archive came as it came last time."""
        return body.is_unchanged or (self._is_again and body.sha256 == self.marks.get("sha256"))

    def take(self, body: Body) -> None:
        """Keep the archive's years and drop the archive; one that is damaged is asked for again."""
        if body.path is None:
            return
        ask = self.ask
        archive = body.path.replace(body.path.with_name(f"BACI_{ask['archive']['revision']}_{ask['release']}.zip"))
        try:
            self.kept = [] if self.is_held(body) else list(self._years(archive))
        except DamagedArchiveError as error:
            raise PassingError(body.url, f"is damaged: {error}", "it is asked again in the next run.") from error
        finally:
            archive.unlink()

    def _years(self, archive: Path) -> Iterator[Kept]:
        ask, live = self.ask, self.visit.about["live"]
        first, last = ask["archive"]["first_year"], ask["archive"].get("last_year", _NO_LAST_YEAR)
        members = members_by_year(archive, ask["archive"]["revision"], ask["release"])
        members = {year: name for year, name in members.items() if first <= year <= last}
        self._require_years_held(archive.name, set(members))
        layout = next(row for row in declared(_HERE)["layout"] if row["id"] == _LAYOUT)
        limits = Limits(live["max_member_bytes"], live["max_ratio"])
        return keep_years(archive, members, self.visit.folder, layout["columns"], layout["code"], HS_CODES, limits)

    def _require_years_held(self, name: str, years: set[int]) -> None:
        """A release names every year: one that is held of an earlier release and not in this one is a mistake."""
        revisions = (self.ask["archive"]["revision"],)
        keys = [Partition.parse(name) for name in self.visit.held if Partition.PATTERN.fullmatch(name)]
        held = {key.first_year for key in keys if key.revisions == revisions and not key.codes}
        if not years or held - years:
            raise LayoutError(
                name,
                f"holds the years {sorted(years)}, without {sorted(held - years) or 'any that is asked for'}.",
                "look whether CEPII withdrew them; what is held stays.",
            )

    def artifact(self, kept: Kept, body: Body) -> Artifact:
        """The statement that one year of the release is."""
        release, revision = self.ask["release"], self.ask["archive"]["revision"]
        known_from, basis = self._known_from()
        return self.visit.artifact(
            kept.path,
            name=kept.path.name,
            layout=_LAYOUT,
            partition=str(Partition(release, (revision,), (), kept.year, kept.year)),
            year=kept.year,
            edition=f"BACI {release}",
            release=release,
            known_from=known_from,
            known_basis=basis,
            url=body.url,
            transcription="extract",
            original_sha256=body.sha256,
        )

    def _known_from(self) -> tuple[date, KnownBasis]:
        """A release is named by its month: the last day that allows. An archive mended later was known when seen."""
        release, today = self.ask["release"], self.visit.today
        is_mended = bool(release[7:]) or (self._is_again and bool(self.marks.get("sha256")))
        year, month = int(release[1:5]), int(release[5:7])
        if is_mended or not 1 <= month <= 12:
            return today, "assumed"
        return min(date(year, month, calendar.monthrange(year, month)[1]), today), "stated"


def fetch(visit: Visit, task: Task) -> Answer:
    """Fetch one archive, or learn that it is unchanged; one artifact a year, of the codes followed.

    Raises:
        FetchError: the archive does not come whole in any attempt.
        LayoutError, TruncatedError, ArchiveError: it is whole and not what it should be; nothing of it is landed.
    """
    look = visit.looks.get(task.key)
    taking = _Taking(visit, task.ask, look.marks if look else {})
    body = visit.http.get(task.ask["address"], expect="zip", validators=taking.validators, check=taking.take)
    if taking.is_held(body):
        kept_marks = {**taking.marks, **({} if body.is_unchanged else _validators_of(body))}
        return Answer(marks=kept_marks, note=f"{task.ask['release']} is unchanged")
    marks = {"release": task.ask["release"], "scope": task.ask["scope"], "sha256": body.sha256, **_validators_of(body)}
    records, kept = sum(year.records for year in taking.kept), sum(year.kept for year in taking.kept)
    return Answer(
        artifacts=tuple(taking.artifact(year, body) for year in taking.kept),
        marks=marks,
        note=f"{task.ask['release']}: {kept:,} of {records:,} records, {len(taking.kept)} years",
    )


def _validators_of(body: Body) -> dict[str, str]:
    return {"etag": body.etag, "last_modified": body.last_modified}
