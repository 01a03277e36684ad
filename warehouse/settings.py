"""All settings. They are read once from the environment and passed on as an object."""

from __future__ import annotations

import os
import re
import tempfile
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from sources.model.artifact import FIRST_YEAR
from sources.registry import declared_live, declared_settings
from sources.snapshot import BUNDLED
from warehouse.folders import problem_of_folder, problem_of_home, problem_of_temporary
from warehouse.publisher_settings import from_variables, parse_all, unknown
from warehouse.secrets_file import read_secrets_file

SENTENCE = "sentence"
"""Type of the validation errors whose message is a whole sentence already."""
_LEAST_MEMORY_MB = 128
"""Below it DuckDB cannot plan the models."""
_UNITS_MB = {"K": 1e-3, "M": 1, "G": 1e3, "T": 1e6}
_MANY_FILES = 100
"""New files of a publisher from which further processes save more time than they take to start."""
_LONGEST_S = 86_400
"""Longest duration of a setting, in seconds: a day."""
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_TEAM = re.compile(r"team:[A-Za-z0-9_-]+")
_WEB_PAGE = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%/-]*)?")
_NOT_A_DAY = "not_a_day"
"""Type of the validation error of a day that is written in another way."""
BUNDLED_DBT_PROJECT = "_dbt_project"
"""Folder of this package that contains the dbt project in a wheel."""
BUNDLED_DOCS = "_docs"
"""Folder of this package that contains the documentation in a wheel."""


def find_dbt_project() -> Path:
    """Folder of the dbt project: inside this package in an installed wheel, next to it in a checkout."""
    package = Path(__file__).resolve().parent
    bundled = package / BUNDLED_DBT_PROJECT
    return bundled if bundled.is_dir() else package.parent / "dbt_project"


def find_docs() -> Path:
    """Folder of the documentation: inside this package in an installed wheel, next to it in a checkout."""
    package = Path(__file__).resolve().parent
    bundled = package / BUNDLED_DOCS
    return bundled if bundled.is_dir() else package.parent / "docs"


def _owners(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip())]


def _listed(text: str) -> list[str]:
    """The entries of a list with commas: `"a, b"` is `["a", "b"]`."""
    return [entry for part in text.split(",") if (entry := part.strip().lower())]


def _megabytes(size: str) -> float:
    """A size in megabytes: `"1.5 GB"` is 1500."""
    number = size.rstrip("BbIiKkMmGgTt \t")
    return float(number) * _UNITS_MB[size[len(number) :].strip()[0].upper()]


class _SecretsFile(DotEnvSettingsSource):
    """The secrets file, without the settings of publishers."""

    def __init__(self, settings_cls: type[BaseSettings], path: Path) -> None:
        self._path = path
        super().__init__(settings_cls, env_file=path)

    def _load_env_vars(self) -> dict[str, str | None]:
        return {name.lower(): value for name, value in read_secrets_file(self._path).items()}

    @property
    def lines(self) -> dict[str, str]:
        """Its lines REE_NAME=value."""
        return {name: value for name, value in self.env_vars.items() if value is not None}

    def __call__(self) -> dict[str, Any]:
        """The values by field; names of publishers' settings, which are no fields, are left out."""
        known = self.settings_cls.model_fields
        return {name: value for name, value in super().__call__().items() if name in known}


class _PublisherSettings(PydanticBaseSettingsSource):
    """The field `publishers`, from variables REE_<CODE>__<NAME>; of several places the first has precedence."""

    def __init__(self, settings_cls: type[BaseSettings], places: list[dict[str, str]]) -> None:
        super().__init__(settings_cls)
        self._places = places

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Unused: `__call__` reads all at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The values by publisher and name, or the problems with them as text, which the field's validator reports."""
        found: dict[str, dict[str, str]] = {}
        try:
            for place in reversed(self._places):
                for code, values in from_variables(place, self.settings_cls.model_fields).items():
                    found.setdefault(code, {}).update(values)
        except ValueError as error:
            return {"publishers": str(error)}
        return {"publishers": found} if found else {}


class Settings(BaseSettings):
    """Settings of one warehouse. Each is read from the environment variable `REE_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix="REE_", env_nested_delimiter="__", frozen=True, hide_input_in_errors=True
    )

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the secrets file it names."""
        file = os.environ.get("REE_SECRETS_FILE")
        secrets = _SecretsFile(settings_cls, Path(file)) if file else None
        publishers = _PublisherSettings(settings_cls, [dict(os.environ), dict(secrets.lines) if secrets else {}])
        return (named["init_settings"], named["env_settings"], *sources, publishers, *([secrets] if secrets else []))

    home: Path = Field(
        default=Path("var"), validate_default=True, description="Where all state lives; var/ in the current folder."
    )
    sources: Literal["snapshot", "live", "landing"] = Field(
        default="snapshot",
        description="snapshot: land the files of the snapshot folder; live: land them, and fetch from the publishers"
        " that have a fetcher; landing: use only what has landed.",
    )
    snapshot: Path = Field(default=BUNDLED, description="Folder of publishers' files with a provenance.csv.")
    own_files: Path | None = Field(default=None, description="A second such folder, for files you fetched yourself.")
    own_labels: Path | None = Field(
        default=None,
        description="A CSV file with your own labels of partners and areas, beside the bundled ones.",
    )
    memory_limit: str = Field(
        default="1GB",
        pattern=r"^\d+(\.\d+)?\s*[KMGTkmgt][Ii]?[Bb]$",
        examples=["1GB", "512MiB"],
        description="Memory DuckDB may use.",
    )
    threads: int = Field(default=2, ge=1, le=256, description="Threads DuckDB may use.")
    workers: int | None = Field(
        default=None,
        ge=1,
        le=256,
        description="Processes that read landed files, one file each. Not set: as many as threads where a publisher"
        f" has more than {_MANY_FILES} new files, else one.",
    )
    keep_releases: int = Field(default=3, ge=2, description="Releases kept on disk.")
    accept_drift: str = Field(
        default="", description="Reason for which this build may differ from the last release beyond the drift rules."
    )
    as_of_day: date | None = Field(
        default=None,
        examples=["2025-12-31"],
        description="Last day of knowledge, YYYY-MM-DD: statements known later stay out of the release. By default the"
        " newest day in the landing.",
    )
    lock_timeout_s: float = Field(
        default=10, ge=0, le=_LONGEST_S, allow_inf_nan=False, description="Seconds to wait for another writer."
    )
    secrets_file: Path | None = Field(
        default=None, description="A file of lines REE_NAME=value for keys and passwords, readable by you alone."
    )
    live_from: int = Field(
        default=2010, ge=FIRST_YEAR, le=2100, description="First year to fetch from live publishers."
    )
    urls: dict[str, str] = Field(
        default_factory=dict,
        examples=['{"un_comtrade": "https://mirror.example"}'],
        description="Other base addresses of publishers, REE_URLS__<CODE>=http://…: mirrors, simulated publishers.",
    )
    publishers: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Settings that a publisher declares in its source.toml, REE_<CODE>__<NAME>.",
    )
    pace: float = Field(
        default=1,
        ge=0,
        le=1000,
        allow_inf_nan=False,
        description="Factor on the pauses between calls; below 1 is faster than publishers may like.",
    )
    contact: str = Field(
        default="",
        examples=["data@example.org", "https://example.org/bots"],
        description="Your e-mail address or web page, which publishers see in the user agent. No secret.",
    )
    ignore_robots: str = Field(
        default="",
        examples=["usgs_mcs,cepii_baci"],
        description="Publishers, separated by commas, whose robots.txt is not obeyed, where they permit your requests.",
    )
    timeout_s: float = Field(
        default=30,
        gt=0,
        le=_LONGEST_S,
        allow_inf_nan=False,
        description="Seconds to wait for a publisher's next bytes.",
    )
    deadline_s: float = Field(
        default=600,
        gt=0,
        le=_LONGEST_S,
        allow_inf_nan=False,
        description="Seconds that one response may take in total.",
    )
    inbox_settle_s: float = Field(
        default=30,
        ge=0,
        le=_LONGEST_S,
        allow_inf_nan=False,
        description="Seconds that a file of the inbox must be unchanged before it is landed.",
    )
    publish_url: str = Field(
        default="",
        examples=["https://data.example.org/ree"],
        description="Public address of the place that `ree publish` writes to.",
    )
    publish_endpoint: str = Field(
        default="",
        examples=["https://s3.example.org"],
        description="Address of an S3-compatible service; without it AWS_ENDPOINT_URL_S3, or AWS itself.",
    )
    publish_region: str = Field(
        default="",
        examples=["ap-south-1"],
        description="Region of the bucket; without it AWS_DEFAULT_REGION, or that of ~/.aws/config.",
    )
    owner: str = Field(
        default="",
        examples=["team:trade-data", "desk@example.org"],
        description="Who runs this warehouse, team:<name> or an e-mail address, several separated by commas; shown"
        " by Dagster and in alerts.",
    )
    alert_webhook: SecretStr | None = Field(default=None, description="Address that alerts are posted to as JSON.")
    alert_email_to: str = Field(default="", description="Addresses that alerts are mailed to, separated by commas.")
    alert_email_from: str = Field(default="", description="Sender of those mails.")
    smtp_url: SecretStr | None = Field(
        default=None, description="Mail server, smtp://user:password@host:587 (STARTTLS) or smtps://…:465."
    )
    postgres_url: SecretStr | None = Field(
        default=None, description="PostgreSQL for Dagster's state, postgresql://…; without it SQLite under REE_HOME."
    )

    dbt_cache: Path | None = Field(
        default=None,
        description="Folder of parsed dbt projects, which several homes may share; dbt/parsed in the home.",
    )

    @classmethod
    def read(cls, **overrides: Any) -> Self:
        """Settings from the environment; an override that is not empty has precedence."""
        return cls(**{name: value for name, value in overrides.items() if value})

    @field_validator("publishers", mode="before")
    @classmethod
    def _declared(cls, given: Any) -> Any:
        if isinstance(given, str):
            raise PydanticCustomError(SENTENCE, "{problem}", {"problem": given})
        try:
            return parse_all(given)
        except ValueError as error:
            raise PydanticCustomError(SENTENCE, "{problem}", {"problem": str(error)}) from None

    @field_validator("urls")
    @classmethod
    def _of_publishers(cls, urls: dict[str, str]) -> dict[str, str]:
        problems = [
            unknown(f"REE_URLS__{code.upper()}", [f"REE_URLS__{known.upper()}" for known in declared_settings()])
            for code in urls
            if code not in declared_settings()
        ]
        problems += [
            f"REE_URLS__{code.upper()} must be an address such as https://mirror.example"
            + ("." if "@" in url else f", and is '{url}'.")  # a password may be before the @
            for code, url in urls.items()
            if not re.fullmatch(r"https?://[^\s/@]+(/\S*)?", url)
        ]
        if problems:
            raise PydanticCustomError(SENTENCE, "{problem}", {"problem": "\n".join(problems)})
        return urls

    @field_validator("contact")
    @classmethod
    def _reachable(cls, contact: str) -> str:
        """An e-mail address or a web page: it is sent in a header, so without anything that a header cannot hold."""
        if contact and not (_EMAIL.fullmatch(contact) or _WEB_PAGE.fullmatch(contact)):
            problem = (
                "REE_CONTACT must be an e-mail address (data@example.org) or a web page (https://example.org/bots)"
                " without a password or a query."
            )
            raise PydanticCustomError(SENTENCE, "{problem}", {"problem": problem})
        return contact

    @field_validator("publish_url", "publish_endpoint")
    @classmethod
    def _without_credentials(cls, address: str, info: ValidationInfo) -> str:
        """A plain address: it is shown, and the public one is written into files that everybody reads."""
        if address and not _WEB_PAGE.fullmatch(address):
            problem = (
                f"REE_{info.field_name}".upper() + " must be an address such as https://data.example.org/ree, without"
                " a user, a password or a query."
            )
            raise PydanticCustomError(SENTENCE, "{problem}", {"problem": problem})
        return address

    @field_validator("owner")
    @classmethod
    def _callable(cls, owner: str) -> str:
        """Teams and addresses, as Dagster wants owners to be written."""
        for name in _owners(owner):
            if not (_TEAM.fullmatch(name) or _EMAIL.fullmatch(name)):
                problem = f"REE_OWNER must be team:<name> or an e-mail address, and is '{name}'."
                raise PydanticCustomError(SENTENCE, "{problem}", {"problem": problem})
        return owner

    @field_validator("ignore_robots")
    @classmethod
    def _fetched(cls, codes: str) -> str:
        known = [code for code, about in declared_live().items() if about]
        foreign = [code for code in _listed(codes) if code not in known]
        if foreign:
            problem = f"REE_IGNORE_ROBOTS names '{foreign[0]}'; publishers that are fetched are {', '.join(known)}."
            raise PydanticCustomError(SENTENCE, "{problem}", {"problem": problem})
        return codes

    @field_validator("home", "snapshot", "own_files", "own_labels", "secrets_file", "dbt_cache", mode="before")
    @classmethod
    def _given(cls, path: Any, info: ValidationInfo) -> Any:
        """An empty text is no folder: a person who sets `REE_HOME=` does not mean the current one."""
        if path != "":
            return path
        if info.field_name in {"home", "snapshot"}:
            name = f"REE_{info.field_name}".upper()
            problem = f"{name} is empty: name a folder, such as {name}=/data/ree, or unset it."
            raise PydanticCustomError(SENTENCE, "{problem}", {"problem": problem})
        return None

    @field_validator("home", "snapshot", "own_files", "own_labels", "secrets_file", "dbt_cache")
    @classmethod
    def _absolute(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        if path is None:
            return None
        name = f"REE_{info.field_name}".upper()
        try:
            found = path.expanduser().resolve()
            problem = "" if info.field_name in {"secrets_file", "own_labels"} else problem_of_folder(name, found)
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, an unknown user, a byte 0
            problem = f"{name} is no path ({error}): name a folder, such as {name}=/data/ree."
        if problem:
            raise PydanticCustomError(SENTENCE, "{problem}", {"problem": problem})
        return found

    @field_validator("home")
    @classmethod
    def _usable(cls, home: Path) -> Path:
        """The home, if it and the folder of temporary files have names that all libraries can use."""
        problem = problem_of_home(home) or problem_of_temporary(Path(tempfile.gettempdir()))
        if problem:
            raise PydanticCustomError(SENTENCE, "{problem}", {"problem": problem})
        return home

    @field_validator("memory_limit")
    @classmethod
    def _enough(cls, limit: str) -> str:
        if _megabytes(limit) < _LEAST_MEMORY_MB:
            problem = f"REE_MEMORY_LIMIT must be at least {_LEAST_MEMORY_MB}MB, and is '{limit}'."
            raise PydanticCustomError(SENTENCE, "{problem}", {"problem": problem})
        return limit

    @field_validator("as_of_day", mode="before")
    @classmethod
    def _day(cls, day: Any) -> Any:
        """A text that is no `YYYY-MM-DD` is no day: `20251231` would be taken for seconds since 1970."""
        if day == "":
            return None
        if isinstance(day, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            raise PydanticCustomError(_NOT_A_DAY, "is not written YYYY-MM-DD")
        return day

    def workers_for(self, n_files: int) -> int:
        """The processes that read so many files of a publisher."""
        return self.workers or (self.threads if n_files > _MANY_FILES else 1)

    @property
    def memory_limit_mb(self) -> float:
        """The memory limit in megabytes: 1000."""
        return _megabytes(self.memory_limit)

    def memory_limit_of(self, share: float) -> str:
        """DuckDB's share of the memory limit where something else needs the rest: of `1GB` a half is `500MB`.

        It is at least what every limit has.
        """
        return f"{max(share * self.memory_limit_mb, _LEAST_MEMORY_MB):.0f}MB"

    @property
    def ignored_robots(self) -> frozenset[str]:
        """The publishers whose robots.txt is not obeyed."""
        return frozenset(_listed(self.ignore_robots))

    @property
    def owners(self) -> list[str]:
        """The owners one by one: `["team:trade-data", "desk@example.org"]`."""
        return _owners(self.owner)

    @property
    def landing(self) -> Path:
        """Publishers' bytes by their hash, and the ledger of what landed."""
        return self.home / "landing"

    @property
    def journal_file(self) -> Path:
        """SQLite: what was fetched from each publisher, and when. It is backed up with the landing."""
        return self.landing / "journal.sqlite"

    @property
    def inbox(self) -> Path:
        """Where a person drops files that no program can fetch: one folder per publisher."""
        return self.home / "inbox"

    @property
    def scratch(self) -> Path:
        """Files being fetched; emptied after every fetch run."""
        return self.home / "tmp" / "fetching"

    @property
    def work_file(self) -> Path:
        """The DuckDB file the pipeline writes: raw, staging, intermediate, ledger, quarantine."""
        return self.home / "work" / "work.duckdb"

    @property
    def drawn_charts(self) -> Path:
        """The charts of the last site, so that those whose figures stayed are not drawn again."""
        return self.work_file.with_name("charts.json")

    @property
    def candidate(self) -> Path:
        """The folder a build writes: database, Parquet and reports, until it is released or refused.

        The path never changes, so that dbt does not parse its project again.
        """
        return self.home / "candidate"

    @property
    def candidate_file(self) -> Path:
        """The candidate database. Its name is the one it is published under."""
        return self.candidate / DATABASE_FILE

    @property
    def refused(self) -> Path:
        """Reports of refused builds, one folder per build."""
        return self.home / "refused"

    @property
    def releases(self) -> Path:
        """Released folders, one per version."""
        return self.home / "releases"

    @property
    def published(self) -> Path:
        """What analysts and BI tools read: a link to the current release."""
        return self.home / "published"

    @property
    def lock_file(self) -> Path:
        """The lock of the one writer."""
        return self.home / "writer.lock"

    @property
    def build_file(self) -> Path:
        """The record of the last build, for `ree status`."""
        return self.home / "build.json"

    @property
    def inputs_file(self) -> Path:
        """What the last whole build had read, so that the next one can tell that nothing is new."""
        return self.home / "inputs.json"

    @property
    def visit_file(self) -> Path:
        """How far the publishers' visits of the running build are, for `ree status`."""
        return self.home / "visit.json"

    @property
    def faults_file(self) -> Path:
        """The faults that an alert was sent for and that are not over."""
        return self.home / "open_faults.json"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own state: runs, events, schedules."""
        return self.home / "dagster"

    @property
    def dbt_project(self) -> Path:
        """The dbt project. Nothing is written to it."""
        return find_dbt_project()

    @property
    def dbt_cache_folder(self) -> Path:
        """Parsed dbt projects (`warehouse/transform/manifest.py`)."""
        return self.dbt_cache or self.home / "dbt" / "parsed"


DATABASE_FILE = "rare_earths.duckdb"
"""Name of the published database file; DuckDB takes the catalogue's name from its stem."""
