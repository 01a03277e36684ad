"""China's monthly exports of rare-earth compounds to India, line by line, as GACC's online query gives them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.publishers.china_customs.partition import Partition
from sources.snapshot.build.snapshot_file import SnapshotFile, by_year

_LIBRARY_ATLAS = "public repository moyu-xu/india-china-dependency-atlas-2026 @ 1013a4f"
_READ_ON = "2026-07-28"
_COLUMNS = (
    # the download's column, the transcription's column
    ("数据年月", "period"),
    ("商品编码", "hs8"),
    ("商品名称", "hs8_name_zh"),
    ("贸易伙伴编码", "partner_code"),
    ("贸易伙伴名称", "partner_name_zh"),
    ("贸易方式编码", "trade_mode_code"),
    ("贸易方式名称", "trade_mode_name_zh"),
    ("第一数量", "first_qty"),
    ("第一计量单位", "first_unit_zh"),
)
_NO_SECOND_QUANTITY = ("0", "?")


def _line(cells: list[str]) -> str:
    return "".join(f'"{cell}",' for cell in cells) + "\n"


def build(folder: Path) -> Iterator[SnapshotFile]:
    """The lines of 284690 by month and trade mode, one file per year, in the columns and encoding of a download."""
    original = folder / "china_customs" / "gacc_exports_to_india_284690_hs8_month_trademode.csv"
    header, years = by_year(original, "period")
    places = [header.index(name) for _, name in _COLUMNS]
    money = header.index("value_usd")
    for year, rows in years.items():
        lines = [[name for name, _ in _COLUMNS] + ["第二数量", "第二计量单位", "美元"]]
        lines += [[*(row[at] for at in places), *_NO_SECOND_QUANTITY, f"{int(row[money]):,}"] for row in rows]
        yield SnapshotFile(
            file=f"china_customs/gacc_exports_ind_284690_{year}.csv",
            data="".join(map(_line, lines)).encode("gb18030"),
            original=original,
            row={
                "source_code": "china_customs",
                "layout": "gacc_download",
                "partition": str(Partition("X", "IND", "284690", int(year))),
                "year": year,
                "release": f"as read {_READ_ON}",
                "known_from": _READ_ON,
                "known_basis": "assumed",
                "known_from_note": "the day on which the compiler of the figures says the downloads were made",
                "transcription": "extract",
                "how": "the year's rows of a published table of the downloads, in a download's own columns again",
                "url": "http://stats.customs.gov.cn",
                "taken_from": _LIBRARY_ATLAS,
            },
        )
