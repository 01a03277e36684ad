"""China's rare-earth quotas, entered figure by figure from the public pages that quote them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.snapshot.build.snapshot_file import SnapshotFile, table

_TAKEN_ON = "2026-11-27"
_HEADER = ("year", "quota_type", "earths", "batch", "printed_t", "derived", "page_day", "page_url")
_METAL_2021 = "https://news.metal.com/newscontent/101718461/Rare-Earth-Ore-Mining-Quota-Review-in-2021"
_BLUE_2023 = "https://theprojectbluegroup.com/blue/news-analysis/707/"
_FIRST_2023 = "https://www.horizonmagnets.com/news/china-issue-rare-earth-quota-1st-batch-of-2023/"
_REES_2018 = (
    "https://www.globalreesventure.com/rare-earth-element-industry/"
    "china-raises-2018-rare-earth-smelting-separation-quota-by-15-pct-y-y/"
)
_STANDARD_2011 = (
    "https://www.business-standard.com/amp/article/economy-policy/"
    "china-caps-rare-metals-output-raises-mandatory-quota-111042500159_1.html"
)
_TIMES_2014 = "http://au.ibtimes.com/china-rare-earths-increases-2014-mining-quotas-light-rare-earths-1344560"
_DAILY_2013 = "http://europe.chinadaily.com.cn/business/2013-01/07/content_16093142.htm"
_UNION_2014 = "http://abrasivesunion.com/information/show_detail/19659"
_SQUID_2023 = "https://squidbusiness.fr/2023/12/15/china-issues-third-batch"
_TUNGSTEN_2020 = "http://tungstenstrips.blog.jp/archives/55790139.html"
_REUTERS_2020 = (
    "https://www.reuters.com/article/us-china-rareearths/"
    "china-sets-first-batch-of-rare-earth-mining-output-quota-for-2020-idUSKBN20D0E4"
)
_METAL_FEBRUARY_2021 = (
    "https://news.metal.com/newscontent/101400330/"
    "The-first-batch-of-quota-for-rare-earth-mining-smelting-and-separation-in-2021"
)
_POST_2021 = "https://nationalpost.com/pmn/news-pmn/china-hikes-2021-rare-earth-quotas-by-20-year-on-year"
_JANUARY_2022 = (
    "https://www.nasdaq.com/articles/china-sets-first-batch-of-2022-rare-earth-output-quota-at-100800-tonnes"
)
_AUGUST_2022 = "https://www.nasdaq.com/articles/china-hikes-2022-rare-earth-quota-by-25-on-rising-demand"
_MARCH_2023 = "https://www.nasdaq.com/articles/china-lifts-2023-rare-earths-mining-output-quota-by-19"
_FAST_2024 = "https://www.fastmarkets.com/insights/china-issues-first-batch-of-rare-earths-quotas-for-2024"
_ORE_2011 = "http://keyanhelp.cn/business/2011-04/01/content_22273486.htm"
_CCM_2016 = "http://www.chinaccm.com/28/20160701/Sub/228114_3493026.txt"
_IFUUN_2018 = "http://www.ifuun.com/a2018080115170427/"
_TIMES_MARCH_2019 = "http://www.globaltimes.cn/content/1142893.shtml"
_TIMES_NOVEMBER_2019 = "http://www.globaltimes.cn/content/1169411.shtml"
_YICAI_2020 = "https://yicaiglobal.com/news/china-grants-first-rare-earth-tungsten-mining-quotas-for-2020"

_MINING: tuple[tuple[str, str, str, str, str, str], ...] = (
    # year, earths, batch, tonnes as printed or the sum that gives them, derived, page
    ("2010", "all", "year", "93,800 - 4,600", "difference", _ORE_2011),
    ("2011", "all", "year", "93,800", "no", _STANDARD_2011),
    ("2011", "light", "year", "80,400", "no", _STANDARD_2011),
    ("2011", "medium_heavy", "year", "13,400", "no", _STANDARD_2011),
    ("2012", "all", "year", "46,900 x 2", "ratio", _DAILY_2013),
    ("2013", "all", "year", "93,800", "no", _UNION_2014),
    ("2013", "light", "year", "75,900", "no", _UNION_2014),
    ("2013", "medium_heavy", "year", "17,900", "no", _UNION_2014),
    ("2013", "all", "first", "46,900", "no", _DAILY_2013),
    ("2013", "light", "first", "37,950", "no", _DAILY_2013),
    ("2013", "medium_heavy", "first", "8,950", "no", _DAILY_2013),
    ("2014", "all", "year", "105,000", "no", _UNION_2014),
    ("2014", "light", "year", "105,000 - 17,900", "difference", _UNION_2014),
    ("2014", "medium_heavy", "year", "17,900", "no", _TIMES_2014),
    ("2016", "all", "year", "105,000", "no", _CCM_2016),
    ("2016", "light", "year", "87,100", "no", _CCM_2016),
    ("2016", "medium_heavy", "year", "17,900", "no", _CCM_2016),
    ("2017", "all", "year", "105,000", "no", _REES_2018),
    ("2017", "light", "year", "87,100", "no", _IFUUN_2018),
    ("2017", "medium_heavy", "year", "17,900", "no", _IFUUN_2018),
    ("2018", "all", "year", "120,000", "no", _REES_2018),
    ("2018", "light", "year", "100,850", "no", "https://m.huajx.com/news/detail/32346.html"),
    ("2018", "medium_heavy", "year", "19,150", "no", "https://m.huajx.com/news/detail/32346.html"),
    ("2019", "all", "year", "132,000", "no", _TIMES_NOVEMBER_2019),
    ("2019", "all", "first", "60,000", "no", _TIMES_MARCH_2019),
    ("2019", "light", "first", "50,425", "no", _TIMES_MARCH_2019),
    ("2019", "medium_heavy", "first", "9,575", "no", _TIMES_MARCH_2019),
    ("2020", "all", "year", "140,000", "no", _METAL_2021),
    ("2020", "light", "year", "120,850", "no", _TUNGSTEN_2020),
    ("2020", "medium_heavy", "year", "19,150", "no", _TUNGSTEN_2020),
    ("2020", "all", "first", "66,000", "no", _REUTERS_2020),
    ("2020", "light", "first", "56,425", "no", _YICAI_2020),
    ("2020", "medium_heavy", "first", "9,575", "no", _YICAI_2020),
    ("2021", "all", "year", "168,000", "no", _POST_2021),
    ("2021", "light", "year", "148,850", "no", _METAL_2021),
    ("2021", "medium_heavy", "year", "19,150", "no", _METAL_2021),
    ("2021", "all", "first", "84,000", "no", _METAL_FEBRUARY_2021),
    ("2022", "all", "year", "210,000", "no", _AUGUST_2022),
    ("2022", "all", "first", "100,800", "no", _JANUARY_2022),
    ("2023", "all", "year", "255,000", "no", _SQUID_2023),
    ("2023", "light", "year", "235,850", "no", _BLUE_2023),
    ("2023", "medium_heavy", "year", "255,000 - 235,850", "difference", _BLUE_2023),
    ("2023", "all", "first", "120,000", "no", _MARCH_2023),
    ("2023", "light", "first", "109,057", "no", _FIRST_2023),
    ("2023", "medium_heavy", "first", "10,943", "no", _FIRST_2023),
    ("2023", "all", "second", "255,000 - 120,000 - 15,000", "difference", _SQUID_2023),
    ("2023", "all", "third", "15,000", "no", _SQUID_2023),
    ("2024", "all", "year", "270,000", "no", "https://starfeu.com/?p=5920"),
    ("2024", "all", "first", "135,000", "no", _FAST_2024),
    ("2024", "all", "second", "135,000", "no", "https://starfeu.com/?p=5920"),
)  # fmt: skip
_PAGE_DAYS: dict[str, str] = {
    # the day that the page states, or that its address contains
    _ORE_2011: "2011-04-01",
    _STANDARD_2011: "2011-04-25",
    _DAILY_2013: "2013-01-07",
    _CCM_2016: "2016-07-01",
    _IFUUN_2018: "2018-08-01",
    _REES_2018: "2018-08-27",
    _TIMES_MARCH_2019: "2019-03-21",
    _TIMES_NOVEMBER_2019: "2019-11-08",
    _REUTERS_2020: "2020-02-19",
    _METAL_FEBRUARY_2021: "2021-02-20",
    _POST_2021: "2021-09-30",
    _JANUARY_2022: "2022-01-28",
    _AUGUST_2022: "2022-08-17",
    _MARCH_2023: "2023-03-24",
    _SQUID_2023: "2023-12-15",
    _FAST_2024: "2024-02-06",
}
_SMELTING: tuple[tuple[str, str, str, str], ...] = (
    # year, batch, tonnes as printed, page
    ("2011", "year", "90,400", _STANDARD_2011),
    ("2017", "year", "100,000", _REES_2018),
    ("2018", "year", "115,000", _REES_2018),
    ("2019", "year", "127,000", _TIMES_NOVEMBER_2019),
    ("2020", "year", "135,000", _METAL_2021),
    ("2021", "year", "162,000", _POST_2021),
    ("2021", "first", "81,000", _METAL_FEBRUARY_2021),
    ("2022", "year", "202,000", _AUGUST_2022),
    ("2022", "first", "97,200", _JANUARY_2022),
    ("2023", "year", "243,850", _SQUID_2023),
    ("2023", "first", "115,000", _MARCH_2023),
    ("2023", "third", "13,850", _SQUID_2023),
    ("2024", "year", "254,000", "https://starfeu.com/?p=5920"),
    ("2024", "first", "127,000", _FAST_2024),
    ("2024", "second", "127,000", "https://starfeu.com/?p=5920"),
)  # fmt: skip


def build(folder: Path) -> Iterator[SnapshotFile]:
    """One file of all figures; the list of pages in `folder` is what most of them were entered from."""
    mining = [(year, "mining", *rest) for year, *rest in _MINING]
    smelting = [
        (year, "smelting_separation", "all", batch, printed, "no", page) for year, batch, printed, page in _SMELTING
    ]
    rows = [(*figure, _PAGE_DAYS.get(page, ""), page) for *figure, page in (*mining, *smelting)]
    yield SnapshotFile(
        file="china_quotas/quotas_2010_2024.csv",
        data=table([_HEADER, *rows]),
        original=folder / "PRODUCTION_PROVENANCE.md",
        row={
            "source_code": "china_quotas",
            "layout": "extract_dated_quotas",
            "partition": "China quotas",
            "year": "2024",
            "release": f"as taken {_TAKEN_ON}",
            "known_from": _TAKEN_ON,
            "taken_on": _TAKEN_ON,
            "known_basis": "assumed",
            "known_from_note": "one table of pages of many days: the day it was taken; a figure whose page states its "
            "day was known from that day, in page_day",
            "transcription": "transcribed",
            "how": "entered figure by figure from the public page named in each row",
            "url": "https://www.miit.gov.cn",
            "taken_from": "the public pages named in the rows",
        },
    )
