"""Fetch the newest release of BACI: the page that lists archives, then one archive per revision of the HS."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from sources.http.errors import RETRIED_NEXT_RUN, FetchError, RateLimitedError, RetryableError
from sources.http.fetcher import FetchContext, FetchResult, Task, TaskState
from sources.http.redaction import unsigned
from sources.http.response import Body
from sources.model.artifact import Artifact, KnownBasis, LayoutError
from sources.model.paths import project_path
from sources.model.products import HS_CODES
from sources.publishers.cepii_baci.fetch.statements import fields_of, kept_columns, limits_of, released_on
from sources.publishers.cepii_baci.fetch.years import Kept, keep_years, members_by_year, normal
from sources.publishers.cepii_baci.partition import Partition
from sources.reading.archives import DamagedArchiveError

log = logging.getLogger("ree.cepii_baci")

_HERE = Path(__file__).parents[1]
_ARCHIVE = re.compile(r"BACI_(?P<revision>HS\d\d)_(?P<release>V\d{6}[a-z]?)\.zip", re.IGNORECASE)
_PAGE_BYTES = 10_000_000
_NO_LAST_YEAR = 9999


def discover(context: FetchContext) -> dict[str, Any]:
    """Find the newest archive of each wanted revision: `{"archives": {"HS17": {"release": …, "address": …}}}`.

    The pages are requested in turn until all revisions are found. The newest is by release, not by order of the links.

    Raises:
        FetchError: no page was received, or none names an archive of a wanted revision.
    """
    live = context.about["live"]
    wanted = [archive["revision"] for archive in live["archives"]]
    newest: dict[str, dict[str, str]] = {}
    problems: list[FetchError] = []
    for page in live["pages"]:
        try:
            body = context.http.get(page, expect="html", max_bytes=_PAGE_BYTES, check=_require_archives)
        except RateLimitedError:
            raise
        except FetchError as error:
            log.warning("%s", error)
            problems.append(error)
            continue
        for revision, found in _archives_of(body, context).items():
            if revision in wanted and found["release"] > newest.get(revision, {"release": ""})["release"]:
                newest[revision] = found
        if all(revision in newest for revision in wanted):
            return {"archives": newest}
    if len(problems) == len(live["pages"]):
        raise problems[0]
    raise FetchError(
        context.http.redact(" and ".join(live["pages"])),
        f"names no BACI_<revision>_V<release>.zip of {[name for name in wanted if name not in newest]}.",
        "look at the page; if CEPII moved its archives, change `pages` under [live] in"
        f" {project_path(_HERE / 'source.toml')}.",
    )


def _require_archives(body: Body) -> None:
    """The list of archives is never without one: a page that is may be an error's."""
    if not _links_of(body):
        raise RetryableError(body.url, "names no archive of BACI.", RETRIED_NEXT_RUN)


def _links_of(body: Body) -> list[str]:
    """The links of a page that name an archive."""
    try:
        page = html.document_fromstring(body.read())
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise FetchError(body.url, f"is no HTML page ({error}).", "inspect the page by hand.") from error
    links = (link.get("href", "").strip() for link in page.iter("a"))
    return [href for href in links if _ARCHIVE.search(href)]


def _archives_of(body: Body, context: FetchContext) -> dict[str, dict[str, str]]:
    """The newest archive of each revision that a page links to."""
    newest: dict[str, dict[str, str]] = {}
    for href in _links_of(body):
        address = unsigned(urljoin(body.location, href))
        match = _ARCHIVE.fullmatch(urlsplit(address).path.rsplit("/", 1)[-1])
        if match is None:
            continue
        revision, release = match["revision"].upper(), normal(match["release"])
        if release > newest.get(revision, {"release": ""})["release"]:
            newest[revision] = {"release": release, "address": _on_own_host(address, context)}
    return newest


def _on_own_host(address: str, context: FetchContext) -> str:
    """An address on a host of CEPII's as a path: it is requested from the base address, which may be a mirror.

    A mirror may lie below a path of its host; a link that leads there already stays as it is.
    """
    live = context.about["live"]
    base = urlsplit(context.http.config.base_url)
    own = {base.netloc, urlsplit(live["base_url"]).netloc, *live.get("hosts", ())}
    split = urlsplit(address)
    if split.netloc.lower() not in own:
        return address
    below = base.path.rstrip("/")
    path = split.path if split.path.startswith(f"{below}/") else below + split.path
    return path + (f"?{split.query}" if split.query else "")


def plan(context: FetchContext) -> list[Task]:
    """One task a revision whose archive is due.

    It is due when a newer release is named, when the followed codes changed, or after `recheck_days`. A release
    older than the one that has landed is never requested: a page that goes back is an error of the page.
    """
    tasks = []
    for archive in context.about["live"]["archives"]:
        newest = context.catalogue.get("archives", {}).get(archive["revision"])
        if newest is None:
            continue
        first = date(archive["first_year"], 1, 1)
        last = date(min(int(newest["release"][1:5]) - 1, archive.get("last_year", _NO_LAST_YEAR)), 12, 31)
        key = f"BACI {archive['revision']}"
        why = _why_due(context, context.states.get(key), newest["release"], archive)
        if why and context.window.touches(first, last):
            params = {**newest, "archive": dict(archive), "scope": _scope(archive)}
            tasks.append(Task(key, first, last, calls=1, records=None, why=why, params=params))
    return tasks


def _why_due(context: FetchContext, previous: TaskState | None, release: str, archive: Mapping[str, Any]) -> str:
    """Why an archive is due, or "" where it is not."""
    if previous is None:
        return f"{release} has not been fetched"
    fetched = previous.cursor.get("release", "")
    if fetched > release:
        log.warning(
            "BACI %s: the page names %s, older than %s, which has landed", archive["revision"], release, fetched
        )
        return ""
    if fetched < release:
        return f"{release} follows {fetched}"
    if previous.cursor.get("scope") != _scope(archive):
        return f"{release} was fetched for other codes or years than are followed now"
    age = (context.today - previous.fetched_at.date()).days
    return f"{release} was last checked {age} days ago" if age >= context.about["live"]["recheck_days"] else ""


def _scope(archive: Mapping[str, Any]) -> str:
    """What is kept of an archive: a change of it makes the archive due."""
    return f"{archive['first_year']}-{archive.get('last_year', '')} {' '.join(HS_CODES)}"


@dataclass
class _Download:
    """One archive: its parameters, the cursor of the archive that has landed, and the years extracted."""

    context: FetchContext
    params: Mapping[str, Any]
    cursor: Mapping[str, str]
    kept: list[Kept] = field(default_factory=list)

    @property
    def _is_same_release(self) -> bool:
        """Whether this very release was fetched before, for the same codes."""
        return (self.cursor.get("release"), self.cursor.get("scope")) == (self.params["release"], self.params["scope"])

    @property
    def validators(self) -> Mapping[str, str]:
        """The validators of the archive that has landed, where an unchanged one need not be sent again."""
        return self.cursor if self._is_same_release else {}

    def is_unchanged_archive(self, body: Body) -> bool:
        """Whether the archive is the one that has landed."""
        return body.is_unchanged or (self._is_same_release and body.sha256 == self.cursor.get("sha256"))

    def extract(self, body: Body) -> None:
        """Extract the archive's years and delete the archive. A damaged one is downloaded again."""
        if body.path is None:
            return
        params = self.params
        archive = body.path.replace(
            body.path.with_name(f"BACI_{params['archive']['revision']}_{params['release']}.zip")
        )
        try:
            self.kept = [] if self.is_unchanged_archive(body) else list(self._years(archive))
        except DamagedArchiveError as error:
            raise RetryableError(body.url, f"is damaged: {error}", RETRIED_NEXT_RUN) from error
        finally:
            archive.unlink()

    def _years(self, archive: Path) -> Iterator[Kept]:
        params, live = self.params, self.context.about["live"]
        first, last = params["archive"]["first_year"], params["archive"].get("last_year", _NO_LAST_YEAR)
        members = members_by_year(archive, params["archive"]["revision"], params["release"])
        members = {year: name for year, name in members.items() if first <= year <= last}
        self._require_landed_years(archive.name, set(members))
        return keep_years(archive, members, self.context.folder, *kept_columns(), HS_CODES, limits_of(live))

    def _require_landed_years(self, name: str, years: set[int]) -> None:
        """A release has every year: one that landed of an earlier release and is missing here is an error."""
        revisions = (self.params["archive"]["revision"],)
        keys = [Partition.parse(name) for name in self.context.landed if Partition.PATTERN.fullmatch(name)]
        landed = {key.first_year for key in keys if key.revisions == revisions and not key.codes}
        if not years or landed - years:
            raise LayoutError(
                name,
                f"holds the years {sorted(years)}, without {sorted(landed - years) or 'any wanted year'}.",
                "check whether CEPII withdrew them; what has landed stays.",
            )

    def artifact(self, kept: Kept, body: Body) -> Artifact:
        """The statement that one year of the release is."""
        release, revision = self.params["release"], self.params["archive"]["revision"]
        fields = fields_of(kept, revision, release, self.known_from())
        return self.context.artifact(kept.path, url=body.url, original_sha256=body.sha256, **fields)

    def known_from(self) -> tuple[date, KnownBasis]:
        """The day of the release. An archive corrected later was known when seen.

        Read for other codes, a corrected archive keeps the day on which the correction was seen.
        """
        release, today = self.params["release"], self.context.today
        if self._is_same_release and self.cursor.get("sha256"):
            return today, "assumed"
        stated, basis = released_on(release, today)
        seen = self.cursor.get("known_from", "") if self.cursor.get("release") == release else ""
        return (date.fromisoformat(seen), "assumed") if seen > stated.isoformat() else (stated, basis)


def fetch(context: FetchContext, task: Task) -> FetchResult:
    """Fetch one archive, or learn that it is unchanged; one artifact per year, of the codes followed.

    Raises:
        FetchError: no attempt received the complete archive.
        LayoutError, TruncatedError, ArchiveError: it is complete and not as expected; nothing of it lands.
    """
    previous = context.states.get(task.key)
    download = _Download(context, task.params, previous.cursor if previous else {})
    body = context.http.get(
        task.params["address"], expect="zip", validators=download.validators, check=download.extract
    )
    if download.is_unchanged_archive(body):
        cursor = {**download.cursor, **({} if body.is_unchanged else _validators_of(body))}
        return FetchResult(cursor=cursor, note=f"{task.params['release']} is unchanged")
    cursor = {
        "release": task.params["release"],
        "scope": task.params["scope"],
        "sha256": body.sha256,
        "known_from": download.known_from()[0].isoformat(),
        **_validators_of(body),
    }
    records, kept = sum(year.records for year in download.kept), sum(year.kept for year in download.kept)
    return FetchResult(
        artifacts=tuple(download.artifact(year, body) for year in download.kept),
        cursor=cursor,
        note=f"{task.params['release']}: {kept:,} of {records:,} records, {len(download.kept)} years",
    )


def _validators_of(body: Body) -> dict[str, str]:
    return {"etag": body.etag, "last_modified": body.last_modified}
