"""What a source is: the artifact it reads, the frame it must yield, the errors it may raise.

Belongs here: shapes and errors that every publisher shares. Does not belong here: anything true of one
publisher only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl

KnownBasis = Literal["stated", "release_feed", "assumed"]
Transcription = Literal["original", "extract", "transcribed"]

VALUE_STATUSES = (
    "reported",
    "estimated",
    "zero",
    "not_available",
    "withheld",
    "at_least",
    "at_most",
    "range",
)
BASIS_CODES = (
    "quota",
    "derived_from_china_imports",
    "gross_weight",
    "derived_by_difference",
    "content_of_exports",
    "exports",
    "nominal_capacity",
    "assumed_content",
    "reported_or_estimated",
    "derived_by_ratio",
    "added_up_by_press",
)
FLOWS = ("import", "export")
PERIOD_TYPES = ("month", "month_range", "calendar_year", "fiscal_year")
VALUATIONS = ("FOB", "CIF", "unknown")
PARTNER_BASES = ("origin", "consignment", "last_known_destination", "unknown")
FIRST_YEAR = 1993
"""The earliest year of a partition: China's first data set in UN Comtrade that the warehouse holds."""
MEASURES = ("production", "reserves")
SCOPES = ("country", "world", "other_countries")
UNIT_BASES = ("reo", "gross")
QUOTA_TYPES = ("mining", "smelting_separation")
QUOTA_EARTHS = ("all", "light", "medium_heavy")
QUOTA_BATCHES = ("year", "first", "second", "third")
SUBSTANCES = ("monazite", "reo")
DEPOSITS = ("all", "beach_sand", "hard_rock")
SHARE_MEASURES = ("value_share", "quantity_share")
COVERAGES = ("complete", "partial", "world_total")
DATE_PRECISIONS = ("day", "month", "year")
DATE_BASES = ("document", "press")
EVENT_DIRECTIONS = (
    "restrict",
    "ease",
    "liberalise",
    "quota",
    "dispute",
    "ruling",
    "framework",
    "support",
    "information",
)

MINERAL_STATISTICS: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "measure": pl.String(),
    "scope": pl.String(),
    "country_label": pl.String(),
    "country_code": pl.String(),
    "year": pl.Int32(),
    "period_type": pl.String(),
    "period_start": pl.Date(),
    "period_end": pl.Date(),
    "series": pl.String(),
    "unit_basis": pl.String(),
    "value_t": pl.Float64(),
    "value_low_t": pl.Float64(),
    "value_high_t": pl.Float64(),
    "value_raw": pl.String(),
    "value_status": pl.String(),
    "basis_code": pl.String(),
    "is_revised": pl.Boolean(),
    "note": pl.String(),
}
"""One row a measured cell of a production or reserves table, in tonnes.

`unit_basis` says of what: rare-earth oxide equivalent (`reo`) or mineral as mined (`gross`). `series` tells apart
what one publisher counts twice. `year` is the year the publisher prints; the period says which months it means
(India's fiscal year, say). `value_raw` is the cell as printed; `scope` tells a country's row from the printed world
total and from "other countries"; `country_code` is null unless `scope` is `country`.
"""

TRADE: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "layout_rank": pl.Int32(),
    "reporter_code": pl.String(),
    "partner_label": pl.String(),
    "partner_code": pl.String(),
    "is_partner_world": pl.Boolean(),
    "flow": pl.String(),
    "hs_code": pl.String(),
    "code_country": pl.String(),
    "scope_code": pl.String(),
    "part_label": pl.String(),
    "hs_revision": pl.String(),
    "period_type": pl.String(),
    "period_start": pl.Date(),
    "period_end": pl.Date(),
    "value_usd": pl.Float64(),
    "value_low_usd": pl.Float64(),
    "value_high_usd": pl.Float64(),
    "value_inr": pl.Float64(),
    "value_cny": pl.Float64(),
    "value_rounding_usd": pl.Float64(),
    "value_rounding_inr": pl.Float64(),
    "value_raw": pl.String(),
    "value_status": pl.String(),
    "basis_code": pl.String(),
    "is_revised": pl.Boolean(),
    "net_weight_kg": pl.Float64(),
    "weight_rounding_kg": pl.Float64(),
    "weight_raw": pl.String(),
    "weight_status": pl.String(),
    "quantity": pl.Float64(),
    "quantity_unit": pl.String(),
    "valuation": pl.String(),
    "partner_basis": pl.String(),
}
"""One row a flow as one reporter states it, in US$ and kg.

`value_rounding_usd`, `value_rounding_inr` and `weight_rounding_kg` are half-widths: the unrounded figure lies within
plus or minus that much of the printed one. `value_status` speaks of the US$ where the row states them, else of the
money it does state; rupees printed as 0.00 are null, and less than `value_rounding_inr`. `code_country` is the country
whose national schedule `hs_code` belongs to, null for an international code. `scope_code` is the international code
all of whose national lines the same query asked for, null where only some were: with it lines may be added up to that
code. `part_label` names the part of the flow a row states where the publisher prints a flow in parts that add up to it
(a trade mode); null for a whole flow. `layout_rank` orders the layouts of one publisher by precision, 1 first: the same
flow read from two layouts is one flow.
"""

QUOTAS: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "country_code": pl.String(),
    "quota_type": pl.String(),
    "earths": pl.String(),
    "batch": pl.String(),
    "year": pl.Int32(),
    "value_t": pl.Float64(),
    "value_low_t": pl.Float64(),
    "value_high_t": pl.Float64(),
    "value_raw": pl.String(),
    "value_status": pl.String(),
    "basis_code": pl.String(),
    "is_revised": pl.Boolean(),
    "page_url": pl.String(),
}
"""One row a quota a government set for a year, in tonnes of rare-earth oxide.

`batch` is `year` for the whole year's quota; `earths` is `all`, or the part of it for light or for medium and heavy
rare earths. Rows of several batches or parts overlap the year's row.
"""

RESOURCES: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "country_code": pl.String(),
    "region_label": pl.String(),
    "region_code": pl.String(),
    "deposit": pl.String(),
    "substance": pl.String(),
    "as_of_start": pl.Date(),
    "as_of_end": pl.Date(),
    "value_t": pl.Float64(),
    "value_low_t": pl.Float64(),
    "value_high_t": pl.Float64(),
    "value_rounding_t": pl.Float64(),
    "value_raw": pl.String(),
    "value_status": pl.String(),
    "basis_code": pl.String(),
    "is_revised": pl.Boolean(),
    "page_url": pl.String(),
}
"""One row an in-situ resource, in tonnes of `substance` (monazite, or rare-earth oxide). Never a reserve.

`region_code` is an ISO 3166-2 code, null for the whole country. The statement is as of a day in
`as_of_start` … `as_of_end`.
"""

PUBLISHED_SHARES: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "share_measure": pl.String(),
    "reporter_code": pl.String(),
    "partner_label": pl.String(),
    "partner_code": pl.String(),
    "flow": pl.String(),
    "hs_code": pl.String(),
    "code_country": pl.String(),
    "period_type": pl.String(),
    "period_start": pl.Date(),
    "period_end": pl.Date(),
    "share": pl.Float64(),
    "share_rounding": pl.Float64(),
    "value_raw": pl.String(),
    "value_status": pl.String(),
    "basis_code": pl.String(),
    "is_revised": pl.Boolean(),
}
"""One row a partner's share (0 to 1) of a reporter's trade in one code, as an authority printed it."""

TRADE_REFERENCE: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "exporter_label": pl.String(),
    "exporter_code": pl.String(),
    "importer_label": pl.String(),
    "importer_code": pl.String(),
    "hs_code": pl.String(),
    "hs_revision": pl.String(),
    "period_type": pl.String(),
    "period_start": pl.Date(),
    "period_end": pl.Date(),
    "value_usd": pl.Float64(),
    "value_rounding_usd": pl.Float64(),
    "value_raw": pl.String(),
    "value_status": pl.String(),
    "net_weight_kg": pl.Float64(),
    "weight_rounding_kg": pl.Float64(),
    "weight_raw": pl.String(),
    "weight_status": pl.String(),
    "coverage": pl.String(),
}
"""One row a reconciled flow of a reference data set, in US$ FOB and kg: what the mirror is scored against.

`coverage` is `complete` (all flows of the code and year are there), `partial`, or `world_total` (exporter and
importer are both WLD).
"""

POLICY_EVENTS: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "event_id": pl.String(),
    "event_date": pl.Date(),
    "event_date_last": pl.Date(),
    "date_precision": pl.String(),
    "date_basis": pl.String(),
    "date_raw": pl.String(),
    "actor": pl.String(),
    "event_type": pl.String(),
    "instrument": pl.String(),
    "title": pl.String(),
    "elements": pl.String(),
    "hs_codes": pl.String(),
    "direction": pl.String(),
    "source_url": pl.String(),
}
"""One row a dated policy step. `event_date` is the earliest day `date_precision` allows, `event_date_last` the latest.

`elements` and `hs_codes` are lists joined by ";", empty where the step names none.
"""

FEEDS: dict[str, dict[str, pl.DataType]] = {
    "mineral_statistics": MINERAL_STATISTICS,
    "trade": TRADE,
    "quotas": QUOTAS,
    "resources": RESOURCES,
    "published_shares": PUBLISHED_SHARES,
    "trade_reference": TRADE_REFERENCE,
    "policy_events": POLICY_EVENTS,
}
"""The kinds of statement a source may make, by name: the shapes its raw tables may have."""

REJECTS: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "reason_code": pl.String(),
    "detail": pl.String(),
    "row_json": pl.String(),
}
"""One row a record that was set aside: where it stood, why, and the record itself as JSON."""


class SourceError(Exception):
    """A publisher's bytes cannot be read as what they are said to be. Nothing of them is loaded."""

    def __init__(self, artifact: Artifact | str, problem: str, remedy: str) -> None:
        name = artifact if isinstance(artifact, str) else artifact.name
        super().__init__(f"{name}: {problem} Remedy: {remedy}")


class LayoutError(SourceError):
    """The columns or fields are not those of the declared layout."""


class TruncatedError(SourceError):
    """The bytes end early, or a page is exactly as long as the publisher's cap."""


class UnknownLabelError(SourceError):
    """A country, commodity, unit or flow label that the vocabulary does not hold."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """Bytes as a publisher gave them, and what is known about where they came from.

    `partition` names what the bytes are a statement of ("MCS 2025", "CHN imports of 2846 in 2024"): bytes
    that arrive later for the same partition are a new release of it. `year` is the calendar or edition
    year the partition belongs to. `known_from` is the day from which the publisher's statement was known.
    """

    source_code: str
    name: str
    layout: str
    partition: str
    year: int
    edition: str | None
    release: str
    known_from: date
    known_basis: KnownBasis
    transcription: Transcription
    url: str
    sha256: str
    original_sha256: str | None
    path: Path

    def read_bytes(self) -> bytes:
        """Return the bytes, after checking them against the recorded hash.

        Raises:
            TruncatedError: the file is not the one whose hash was recorded.
        """
        data = self.path.read_bytes()
        self._require_hash(hashlib.sha256(data).hexdigest())
        return data

    def check_bytes(self) -> None:
        """Check the bytes against the recorded hash in blocks, for files that need not fit in memory.

        Raises:
            TruncatedError: the file is not the one whose hash was recorded.
        """
        with self.path.open("rb") as file:
            self._require_hash(hashlib.file_digest(file, "sha256").hexdigest())

    def _require_hash(self, found: str) -> None:
        if found != self.sha256:
            raise TruncatedError(
                self,
                f"its bytes do not have the recorded sha256 {self.sha256[:16]}….",
                "restore the file; landed bytes are never edited.",
            )


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A raw table a source fills: its name, the kind of statement its rows are, its key, the rejects it expects.

    `feed` is one of `FEEDS` and gives the exact schema. A reject with a reason outside `expected_rejects` is a
    surprise and stops the load. `layouts` names the layouts that fill the table; none named means all of them.
    """

    name: str
    feed: str
    key: tuple[str, ...]
    expected_rejects: frozenset[str] = frozenset()
    layouts: frozenset[str] = frozenset()

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        """Column names and types, in order."""
        return FEEDS[self.feed]


@dataclass(frozen=True, slots=True)
class ParsedTable:
    """The rows of one artifact for one table, and the records set aside: parsed = rows + rejects."""

    spec: TableSpec
    frame: pl.DataFrame
    rejects: pl.DataFrame

    @property
    def rows_parsed(self) -> int:
        """Records read, loaded or not."""
        return self.frame.height + self.rejects.height

    def content_sha256(self) -> str:
        """Hash of what the rows say, without the order they stood in.

        Two bodies that differ only in row order or in fields the warehouse does not keep (the time a
        server took to answer, say) have the same content.
        """
        said = self.frame.drop("artifact_row")
        lines = sorted(json.dumps(row, default=str) for row in said.iter_rows())
        set_aside = sorted(json.dumps(row) for row in self.rejects.drop("artifact_row").iter_rows())
        return hashlib.sha256("\n".join([*lines, "--", *set_aside]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher as the pipeline sees it."""

    code: str
    about: Mapping[str, Any]
    tables: tuple[TableSpec, ...]
    parse: Callable[[Artifact], tuple[ParsedTable, ...]]
    package: Path

    def tables_of(self, artifact: Artifact) -> tuple[TableSpec, ...]:
        """The tables that an artifact of this layout fills; all of them where no table claims the layout."""
        filled = tuple(spec for spec in self.tables if not spec.layouts or artifact.layout in spec.layouts)
        return filled or self.tables

    def parser_version(self) -> str:
        """Hash of the files that decide how bytes become rows: a changed parser reloads its artifacts."""
        shared = sorted(self.package.parent.glob("*.py"))
        own = sorted(p for p in self.package.rglob("*") if p.suffix in {".py", ".csv", ".toml"})
        digest = hashlib.sha256()
        for path in [*shared, *own]:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()[:16]


def conform(spec: TableSpec, artifact: Artifact, rows: pl.DataFrame, rejects: pl.DataFrame) -> ParsedTable:
    """Check that `rows` has exactly the declared schema and key, and pair it with its rejects.

    Raises:
        LayoutError: a column is missing, extra or of another type, or two rows have the same key.
    """
    got, want = dict(rows.schema), dict(spec.schema)
    if got != want:
        differing = sorted(set(got.items()) ^ set(want.items()), key=str)
        raise LayoutError(
            artifact,
            f"{spec.name} came out with another schema than declared: {differing}.",
            "mend the parser; the schema is fixed in sources/contract.py.",
        )
    duplicated = rows.filter(rows.select(spec.key).is_duplicated())
    if duplicated.height:
        shown = duplicated.select("artifact_row", *spec.key).head(4).rows()
        raise LayoutError(
            artifact,
            f"{duplicated.height} rows of {spec.name} share a key; the first are {shown}.",
            "look whether the file repeats a row, or holds two breakdowns of the same flow.",
        )
    return ParsedTable(spec, rows, rejects)


def shaped(spec: TableSpec, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of the feed in their order and types; those the layout does not state are null."""
    absent = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in spec.schema.items() if name not in frame.columns]
    return frame.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in spec.schema.items())


def rejects_from(frame: pl.DataFrame, reason_code: str, detail: pl.Expr | str, raw: list[str]) -> pl.DataFrame:
    """Turn rows of a working frame into rejects that carry the columns `raw` as JSON."""
    text = pl.lit(detail) if isinstance(detail, str) else detail
    return frame.select(
        pl.col("artifact_row").cast(pl.Int64),
        pl.lit(reason_code).alias("reason_code"),
        text.cast(pl.String).alias("detail"),
        pl.struct(raw).struct.json_encode().alias("row_json"),
    )


def check_columns(artifact: Artifact, got: list[str], want: list[str]) -> None:
    """Compare a file's columns with those its layout declares, in any order.

    Raises:
        LayoutError: names the columns gained and lost.
    """
    lost = [c for c in want if c not in got]
    gained = [c for c in got if c not in want]
    twice = sorted({c for c in got if got.count(c) > 1})
    if twice:
        raise LayoutError(artifact, f"holds the columns {twice} more than once.", "look at the file's header.")
    if lost or gained:
        raise LayoutError(
            artifact,
            f"its columns are not those of layout '{artifact.layout}': lost {lost}, gained {gained}.",
            "if the publisher changed its layout, declare the new one as a row of layouts.toml.",
        )
