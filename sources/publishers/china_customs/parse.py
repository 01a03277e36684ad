"""Read China's monthly customs trade from downloads of GACC's online query."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError, UnknownLabelError
from sources.model.partition import ALL
from sources.model.paths import project_path
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.china_customs.partition import Partition
from sources.reading.columns import (
    in_month,
    in_year,
    known_weight,
    printed_local_value,
    printed_status,
    printed_value,
    with_areas,
)
from sources.reading.delimited import read_records
from sources.reading.layouts import declared, layout_of
from sources.reading.numbers import printed_number
from sources.reading.partners import UNKNOWN_PARTNER, set_aside_small
from sources.reading.tables import rejects_from, to_feed_schema, unreadable
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
_CODE = r"^([0-9]{4}|[0-9]{6}|[0-9]{8})$"
_MONTH = r"^(19|20)[0-9][0-9](0[1-9]|1[0-2])$"
_NATIONAL_DIGITS = 8

TRADE_TABLE = TableSpec(
    name="china_customs__trade",
    feed="trade",
    key=("reporter_code", "partner_code", "flow", "hs_code", "period_type", "period_start", "part_label"),
    expected_rejects=frozenset({UNKNOWN_PARTNER}),
    partitions=(Partition,),
)
TABLES = (TRADE_TABLE,)


def _read(artifact: Artifact, layout: dict[str, Any], query: Partition) -> pl.DataFrame:
    """The records under one set of columns: those not chosen are null, month and money have one name each."""
    chosen = [name for group in layout["chosen"] for name in group]
    money = [layout["usd"], layout["cny"]]
    either = [*layout["month"], *money]
    records = read_records(artifact, layout["columns"], layout["encoding"], [*chosen, *either])
    for group in layout["chosen"]:
        if len({name in records.columns for name in group}) > 1:
            raise LayoutError(artifact, f"holds only one of the columns {group}.", "download it again with both.")
    for group, wanted in ((layout["month"], 0 if query.is_whole else 1), (money, 1)):
        present = [name for name in group if name in records.columns]
        if len(present) != wanted:
            raise LayoutError(
                artifact,
                f"holds {present or 'none'} of the columns {group} where its partition's name wants {wanted}.",
                "query month by month, in one currency; a year queried as one figure has no month column and a"
                " partition whose name ends in /whole.",
            )
    _require_currency(artifact, records, layout, query)
    if records.height == layout["cap"]:
        raise TruncatedError(
            artifact,
            f"holds exactly {layout['cap']} rows, the most a download may hold.",
            "ask for fewer codes, partners or months.",
        )
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in chosen if name not in records.columns]
    return records.with_columns(
        *absent,
        pl.coalesce(*(pl.col(name) for name in layout["month"] if name in records.columns), pl.lit(None)).alias(
            "month"
        ),
        pl.coalesce(pl.col(name) for name in money if name in records.columns).alias("printed"),
    )


def _require_currency(artifact: Artifact, records: pl.DataFrame, layout: dict[str, Any], query: Partition) -> None:
    """Yuan and US$ of one query are two partitions: neither is a later edition of the other."""
    in_yuan = layout["cny"] in records.columns
    if in_yuan != query.is_in_yuan:
        present = layout["cny"] if in_yuan else layout["usd"]
        raise LayoutError(
            artifact,
            f"holds money in the column {present!r} under the partition {artifact.partition!r}.",
            f"end the name of a partition in /cny where the column is {layout['cny']!r}, and only there.",
        )


def _require_months(artifact: Artifact, records: pl.DataFrame) -> None:
    bad = records.filter(~pl.col("month").str.contains(_MONTH))
    if bad.height:
        raise LayoutError(
            artifact,
            f"record {bad['artifact_row'][0]} is of the month {bad['month'][0]!r}, not YYYYMM.",
            "query month by month; a figure of January and February together is not read as either month.",
        )


def _with_partner(artifact: Artifact, records: pl.DataFrame, query: Partition) -> pl.DataFrame:
    """Partner by code and by name, which must agree; from the query where no partner column was chosen."""
    records = records.with_columns(pl.lit(query.partner or ALL).alias("asked"))
    records = with_areas(artifact, records, _HERE, "asked", "asked", "asked")
    if records["贸易伙伴编码"].null_count():
        return records.rename({"asked_kind": "partner_kind", "asked_code": "partner_code"}).with_columns(
            pl.col("asked").alias("partner_label")
        )
    records = with_areas(artifact, records, _HERE, "partner_code", "贸易伙伴编码", "partner")
    records = with_areas(artifact, records, _HERE, "partner_name", "贸易伙伴名称", "named")
    unlike = records.filter(pl.col("partner_code") != pl.col("named_code"))
    if unlike.height:
        code, name = unlike.select("贸易伙伴编码", "贸易伙伴名称").row(0)
        raise UnknownLabelError(
            artifact,
            f"gives the partner {code!r} the name {name!r}, by record {unlike['artifact_row'][0]}.",
            "look whether columns are shifted; if customs changed a code or a name, correct the vocabularies"
            f" partner_code and partner_name of {project_path(_HERE / 'labels.csv')}.",
        )
    return records.with_columns(pl.col("贸易伙伴名称").alias("partner_label"))


def _without_small_unknown(
    artifact: Artifact, records: pl.DataFrame, raw: list[str]
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The records without those of small partners whose code or name is unknown, which are rejects."""
    unknown: list[pl.DataFrame] = []
    for column, name in (("贸易伙伴编码", "partner_code"), ("贸易伙伴名称", "partner_name")):
        if not records[column].null_count():
            words = load_vocabulary(_HERE / "labels.csv", name)
            flow = ["商品编码", "month"]
            records, rejects = set_aside_small(artifact, records, words, column, flow=flow, value="money", raw=raw)
            unknown.append(rejects)
    return records, unknown


def _known(artifact: Artifact, records: pl.DataFrame, column: str, known: dict[Any, Any], table: str) -> pl.Expr:
    """Map `column` by a table of `layouts.toml`; an unknown value stops the load and names the table."""
    unknown = sorted(set(records[column].unique().to_list()) - set(known), key=str)
    if unknown:
        raise UnknownLabelError(
            artifact,
            f"says {column} {unknown}; known are {sorted(known, key=str)}.",
            f"look whether columns are shifted; if customs uses it, add it to [{table}] in"
            f" {project_path(_HERE / 'layouts.toml')}.",
        )
    return pl.col(column).replace_strict(known, return_dtype=pl.String)


def _unit(artifact: Artifact, records: pl.DataFrame, column: str, no_unit: list[str]) -> pl.Expr:
    """The unit of a quantity, as printed where it is not listed; null where there is none.

    Raises:
        LayoutError: a unit with a digit in it: columns are shifted.
    """
    shifted = records.filter(pl.col(column).str.contains(r"\d"))
    if shifted.height:
        raise LayoutError(
            artifact,
            f"record {shifted['artifact_row'][0]} has the unit {shifted[column][0][:40]!r} in {column}.",
            "look whether columns are shifted; download it again.",
        )
    units = dict.fromkeys(no_unit) | declared(_HERE)["units"]
    return pl.col(column).replace_strict(units, default=pl.col(column), return_dtype=pl.String)


def _mode(artifact: Artifact, records: pl.DataFrame) -> pl.Expr:
    """Trade mode by code and name, which must agree; of several names of one mode the first counts."""
    if records["贸易方式编码"].null_count():
        return pl.lit(None, dtype=pl.String)
    modes: dict[str, list[str]] = declared(_HERE)["trade_modes"]
    name = _known(artifact, records, "贸易方式编码", {code: names[0] for code, names in modes.items()}, "trade_modes")
    pairs = records.group_by("贸易方式编码", "贸易方式名称").agg(pl.col("artifact_row").min()).sort("artifact_row")
    for code, printed, row in pairs.iter_rows():
        if printed not in modes[code]:
            raise UnknownLabelError(
                artifact,
                f"gives the trade mode {code!r} the name {printed!r}, by record {row}.",
                "look whether columns are shifted; if customs renamed it, add the name to [trade_modes] in"
                f" {project_path(_HERE / 'layouts.toml')}.",
            )
    return pl.col("贸易方式编码") + " " + name


def _part(artifact: Artifact, records: pl.DataFrame) -> pl.Expr:
    """Which part of its flow a row states: trade mode, registration place, both, or null for the whole."""
    mode = _mode(artifact, records)
    place = pl.col("注册地编码") + " " + pl.col("注册地名称")
    both = pl.concat_str(mode, place, separator=" / ", ignore_nulls=True)
    return pl.when(both != "").then(both).alias("part_label")


def _quantities(artifact: Artifact, records: pl.DataFrame, layout: dict[str, Any]) -> pl.DataFrame:
    """`kg` and `kg_printed`, `other` and `other_unit`: whichever quantity is in kg is the weight."""
    frame = records.with_columns(
        _unit(artifact, records, "第一计量单位", layout["no_unit"]).alias("unit_1"),
        _unit(artifact, records, "第二计量单位", layout["no_unit"]).alias("unit_2"),
        printed_number("第一数量", 0).alias("quantity_1"),
        printed_number("第二数量", 0).alias("quantity_2"),
    )
    first, second = ((pl.col(f"unit_{n}") == "kg").fill_null(value=False) for n in (1, 2))
    other_1, other_2 = pl.col("unit_1").is_not_null() & ~first, pl.col("unit_2").is_not_null() & ~second
    return frame.with_columns(
        pl.when(first).then("quantity_1").when(second).then("quantity_2").alias("kg"),
        pl.when(first).then("第一数量").when(second).then("第二数量").alias("weight_raw"),
        pl.when(other_1).then("quantity_1").when(other_2).then("quantity_2").alias("quantity"),
        pl.when(other_1).then("unit_1").when(other_2).then("unit_2").alias("quantity_unit"),
    )


def _reads(no_unit: list[str]) -> dict[str, pl.Expr]:
    """Whether each cell of a record is read.

    Money is a number, and so is every quantity that has a unit; one without a unit is 0, or empty or a mark too.
    """

    def is_quantity(n: int, printed: str) -> pl.Expr:
        number = pl.col(f"quantity_{n}")
        with_unit = number.is_not_null()
        without = pl.col(printed).is_null() | pl.col(printed).is_in(no_unit) | (number == 0).fill_null(value=False)
        return pl.when(pl.col(f"unit_{n}").is_null()).then(without).otherwise(with_unit)

    return {
        "printed": pl.col("money").is_not_null(),
        "商品编码": pl.col("商品编码").str.contains(_CODE),
        "第一数量": is_quantity(1, "第一数量"),
        "第二数量": is_quantity(2, "第二数量"),
    }


def _value(layout: dict[str, Any], records: pl.DataFrame) -> list[pl.Expr]:
    """Whole US$ or whole yuan. A printed 0 is less than half of one."""
    if layout["usd"] in records.columns:
        return printed_value(pl.col("money"), "printed", 1.0, decimals=0)
    return [
        *printed_local_value(pl.col("money"), "CNY", 1.0, decimals=0),
        pl.col("printed").alias("value_raw"),
        printed_status(pl.col("money")),
    ]


def _shape(layout: dict[str, Any], records: pl.DataFrame, query: Partition) -> pl.DataFrame:
    flow = declared(_HERE)["flows"][query.flow]
    is_national = pl.col("商品编码").str.len_chars() == _NATIONAL_DIGITS
    scope = query.code if len(query.code) < _NATIONAL_DIGITS else None
    weighed = pl.col("weight_raw").is_not_null()
    frame = records.with_columns(pl.lit(str(query.year)).alias("year")).with_columns(
        pl.lit(layout["rank"]).alias("layout_rank"),
        pl.lit("CHN").alias("reporter_code"),
        (pl.col("partner_kind") == "world").alias("is_partner_world"),
        pl.lit(flow["flow"]).alias("flow"),
        pl.col("商品编码").alias("hs_code"),
        pl.when(is_national).then(pl.lit("CHN")).alias("code_country"),
        pl.when(is_national).then(pl.lit(scope, pl.String)).alias("scope_code"),
        *(in_year("year") if query.is_whole else in_month("month", "%Y%m")),
        *_value(layout, records),
        pl.lit(value=False).alias("is_revised"),
        *known_weight(pl.col("kg"), pl.lit(value=False)),
        pl.when(weighed).then(pl.lit(0.5)).alias("weight_rounding_kg"),
        pl.lit(flow["valuation"]).alias("valuation"),
        pl.lit(flow["partner_basis"]).alias("partner_basis"),
    )
    return to_feed_schema(TRADE_TABLE, frame)


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one download of the online query.

    Returns one table of `TRADE` rows by month (by year, where a year was queried as one figure), China as reporter,
    in whole US$ (or whole yuan: `value_local`) and whole kg. Flow, and partner where its columns were not chosen, come
    from the partition's name. Where trade mode or registration place was chosen a row is a part of its flow
    (`part_label`); the parts add up to it.

    Raises:
        LayoutError: columns gained or lost, another encoding, no single month or currency, a partition's name that
            does not state the query or names another currency, two rows of one part.
        TruncatedError: a download of exactly 10,000 rows, a record cut short, none at all.
        UnknownLabelError: a partner or trade mode that is not known, or whose code and name disagree.
    """
    layout = layout_of(artifact, _HERE)
    query = Partition.of(artifact)  # the file itself says neither flow nor, often, partner
    records = _read(artifact, layout, query)
    raw = [name for name in records.columns if name not in {"artifact_row", "month", "printed"}]
    if not query.is_whole:
        _require_months(artifact, records)
    records = records.with_columns(printed_number("printed", 0).alias("money"))
    records, unknown = _without_small_unknown(artifact, records, raw)
    records = _with_partner(artifact, records, query)
    records = records.with_columns(_part(artifact, records))
    records = _quantities(artifact, records, layout)
    cells = _reads(layout["no_unit"])
    readable = pl.all_horizontal(*cells.values())
    rejects = rejects_from(records.filter(~readable), "unreadable_value", unreadable(cells), raw)
    rejects = pl.concat([rejects, *unknown])
    return (conform(TRADE_TABLE, artifact, _shape(layout, records.filter(readable), query), rejects),)
