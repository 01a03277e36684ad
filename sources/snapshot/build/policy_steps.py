"""What the list of policy steps says beside the compiled columns: days, targets and flows; and steps of later lists.

A day is entered only where the page of the step, or the notice that it quotes, states it; an end of which a page states
the month is entered as the month. `public_by` is the day of the notice; where only a month or the day of effect is
known, the last day that it allows.
"""

from __future__ import annotations

_RARE_EARTH_HEADINGS = "280530;2846"
_MAGNET_ELEMENTS = "Nd;Pr;Dy;Tb"

EXPORTS = {"target": "ALL", "affected_flow": "export", "subject": "goods"}
_TO_JAPAN = EXPORTS | {"target": "JP"}
_TO_INDIA = EXPORTS | {"target": "IN"}
_TECHNOLOGY = EXPORTS | {"subject": "technology"}
_FROM_CHINA = {"target": "CN", "affected_flow": "import", "subject": "goods"}
_NEVER_IN_FORCE = {"effective_from": "2025-11-08", "suspended_on": "2025-11-07"}


def _on(day: str) -> dict[str, str]:
    return {"announced_on": day, "public_by": day}


def _by(day: str) -> dict[str, str]:
    return {"public_by": day}


DAYS: dict[str, dict[str, str]] = {
    # a quota ends with its year
    "cn-2006-export-quota": EXPORTS | _by("2006-12-31") | {"ended_on": "2006-12-31"},
    "cn-2010-07-export-quota-second-batch": EXPORTS | _by("2010-07-31") | {"ended_on": "2010-12-31"},
    # two months by the list; the AP reported on 24 November 2010 that two ships had left for Japan
    "cn-2010-09-21-japan-shipments": _TO_JAPAN
    | _by("2010-09-30")
    | {"effective_from": "2010-09-21", "ended_on": "2010-11"},
    "cn-2010-12-28-export-quota-first-batch": EXPORTS | _on("2010-12-28") | {"ended_on": "2011-12-31"},
    "cn-2011-export-quota": EXPORTS | _by("2011-12-31") | {"ended_on": "2011-12-31"},
    "wto-2012-03-13-ds431": {"target": "CN"} | _on("2012-03-13"),
    "cn-2012-08-22-export-quota-second-batch": EXPORTS | _on("2012-08-22") | {"ended_on": "2012-12-31"},
    "wto-2014-03-ds431-panel": {"target": "CN"} | _by("2014-03-31"),
    "cn-2015-01-01-quota-ends": EXPORTS | _by("2015-01-31") | {"effective_from": "2015-01-01"},
    "cn-2015-05-01-duty-ends": EXPORTS | _by("2015-05-31") | {"effective_from": "2015-05-01"},
    "cn-2020-12-export-control-law": EXPORTS | _on("2020-10-17") | {"subject": "goods_and_technology"},
    "cn-2023-12-21-technology-ban": _TECHNOLOGY | _on("2023-12-21"),
    "cn-2024-management-regulations": _by("2024-10-01") | {"effective_from": "2024-10-01"},
    "cn-2024-12-dual-use-list": EXPORTS | _by("2024-12-31") | {"subject": "goods_and_technology"},
    "in-2025-01-29-critical-mineral-mission": _on("2025-01-29"),
    "cn-2025-04-04-mofcom-18": EXPORTS | _on("2025-04-04") | {"effective_from": "2025-04-04"},
    "in-2025-06-13-irel-japan": EXPORTS | _by("2025-06-13"),
    "cn-2025-07-18-technology-catalogue": _TECHNOLOGY | _on("2025-07-18"),
    "in-2025-08-01-pib-2151394": _on("2025-08-01"),
    "cn-in-2025-08-18-assurance": _TO_INDIA | _on("2025-08-18"),
    "cn-2025-10-09-mofcom-55": EXPORTS | _on("2025-10-09") | _NEVER_IN_FORCE,
    "cn-2025-10-09-mofcom-56": EXPORTS | _on("2025-10-09") | _NEVER_IN_FORCE,
    "cn-2025-10-09-mofcom-57": EXPORTS | _on("2025-10-09") | _NEVER_IN_FORCE,
    "cn-2025-10-09-mofcom-58": EXPORTS | _on("2025-10-09") | _NEVER_IN_FORCE,
    # one part applied at once; the others, due on 1 December, were suspended before
    "cn-2025-10-09-mofcom-61": EXPORTS
    | _on("2025-10-09")
    | {"effective_from": "2025-10-09", "suspended_on": "2025-11-07"},
    "cn-2025-10-09-mofcom-62": _TECHNOLOGY
    | _on("2025-10-09")
    | {"effective_from": "2025-10-09", "suspended_on": "2025-11-07"},
    "cn-in-2025-10-30-first-licences": _TO_INDIA | _by("2025-10-30"),
    "cn-2025-11-07-mofcom-70": EXPORTS
    | _on("2025-11-07")
    | {"subject": "goods_and_technology", "effective_from": "2025-11-07", "ended_on": "2026-11-10"},
    "in-2025-11-26-magnet-scheme": _on("2025-11-26"),
    "in-2025-12-15-magnet-scheme-notified": _on("2025-12-15"),
    "cn-2025-12-19-general-licences": EXPORTS | _on("2025-12-19"),
    "cn-2026-01-06-japan-dual-use": _TO_JAPAN | _on("2026-01-06"),
    "cn-2026-02-japan-entities": _TO_JAPAN | _by("2026-02-28"),
    "in-2026-02-01-budget-corridors": _on("2026-02-01"),
    "cn-2026-04-17-suspension-stays": EXPORTS | _on("2026-04-17"),
    "cn-2026-06-reporting-platform": EXPORTS | _by("2026-06-30"),
    "cn-2026-06-japan-entities": _TO_JAPAN | _by("2026-06-30"),
}
"""Columns of the layout that the compiled list does not have, by event_id."""

_SCHEME = {"elements": _MAGNET_ELEMENTS, "hs_codes": "850511", "direction": "support"}

ADDED: dict[tuple[str, str], dict[str, str]] = {
    # day as given, instrument: what our row says instead of the transcribed words, and beside them
    ("2025-02-06", "Rajya Sabha written reply (DAE)"): {
        "event_id": "in-2025-02-06-irel-expansion",
        "title": "IREL's output of minerals was 531,000 t in 2023-24; 200,000 t a year of capacity added",
        "direction": "information",
    }
    | _on("2025-02-06"),
    ("2025-07-25", "Rajya Sabha written reply (Commerce)"): {
        "event_id": "in-2025-07-25-no-magnet-incentive",
        "title": "Government admits magnet shortages and has no incentive for magnets under consideration",
        "hs_codes": "850511",
        "direction": "information",
    }
    | _on("2025-07-25"),
    ("2025-08-19", "Lok Sabha written reply (Commerce)"): {
        "event_id": "in-2025-08-19-curbs-hit-industry",
        "title": "Government says that China's curbs on magnets affect Indian makers of electric vehicles",
        "hs_codes": "850511",
        "direction": "information",
    }
    | _on("2025-08-19"),
    ("2025-09", "press report (Sputnik)"): _TO_INDIA
    | {
        "event_id": "cn-in-2025-09-light-magnets",
        "title": "Magnets of light rare earths are reported to reach India again",
        "elements": "Nd;Pr",
        "hs_codes": "850511",
        "direction": "ease",
    }
    | _by("2025-09-30"),
    ("2025-10-30", "Ministry of External Affairs briefing"): _FROM_CHINA
    | {
        "event_id": "in-2025-10-30-licences-confirmed",
        "title": "India confirms that some of its companies hold licences for magnets from China",
        "hs_codes": "850511",
        "direction": "ease",
    }
    | _on("2025-10-30"),
    ("2025-11-26", "Union Cabinet"): _SCHEME
    | {
        "event_id": "in-2025-11-26-magnet-scheme-parts",
        "title": "Rs 6,450 crore on sales and 750 crore of capital for five makers of up to 1,200 t a year",
        "same_step_as": "in-2025-11-26-magnet-scheme",
    }
    | _on("2025-11-26"),
    ("2025-12-15", "S.O. 5800(E), Gazette CG-DL-E-16122025-268535"): _SCHEME
    | {
        "event_id": "in-2025-12-15-magnet-scheme-gazette",
        "title": "The magnet scheme in the Gazette, published on 16 December",
        "same_step_as": "in-2025-12-15-magnet-scheme-notified",
        "announced_on": "2025-12-15",
        "public_by": "2025-12-16",
    },
    ("2025-12-26", "press report (Business Standard; BusinessLine)"): _TO_INDIA
    | {
        "event_id": "cn-in-2025-12-26-more-licences",
        "title": "More Indian buyers get licences; over 50 applications wait",
        "hs_codes": "850511",
        "direction": "ease",
    }
    | _by("2025-12-26"),
    ("2026-01-12", "Ministry of Heavy Industries"): _SCHEME
    | {
        "event_id": "in-2026-01-12-scheme-consultation",
        "title": "Makers are consulted on the tender of the magnet scheme",
    }
    | _on("2026-01-12"),
    ("2026-03-20", "Ministry of Heavy Industries RFP (CPP portal)"): _SCHEME
    | {"event_id": "in-2026-03-20-magnet-tender", "title": "Tender for 6,000 t a year of sintered magnets"}
    | _on("2026-03-20"),
    ("2026-04-07", "PIB PRID 2249728"): _SCHEME
    | {
        "event_id": "in-2026-04-07-pre-bid-conference",
        "title": "At least 25 companies at the conference on the tender; bids due 28 May",
    }
    | _on("2026-04-07"),
    ("2026-05-15", "PIB PRID 2261399"): _SCHEME
    | {"event_id": "in-2026-05-15-bids-later", "title": "Bids of the magnet tender now due on 29 June 2026"}
    | _on("2026-05-15"),
    ("2025-12", "USGS MCS 2026 (Rare Earths (Heavy), Yttrium)"): {
        "event_id": "cn-2025-12-usgs-controls-in-force",
        "title": "USGS: controls of April 2025 in force in December, general licences begun, no public quota",
        "elements": "Sm;Gd;Tb;Dy;Lu;Sc;Y",
        "direction": "information",
        "source_url": "https://pubs.usgs.gov/periodicals/mcs2026/mcs2026-rare-earths-heavy.pdf",
    }
    | _by("2026-02-06"),
}
"""The thirteen steps of the second list, by their day and instrument."""

MISSING: tuple[dict[str, str], ...] = (
    EXPORTS
    | {
        "event_id": "cn-2023-11-07-export-reporting",
        "date": "2023-11-07",
        "date_precision": "day",
        "actor": "CN",
        "event_type": "export_reporting",
        "instrument": "MOFCOM reporting system for bulk commodities, additions of 2023",
        "title": "Exporters must report shipments of rare-earth metals and oxides, October 2023 to October 2025",
        "elements": "all REE",
        "hs_codes": _RARE_EARTH_HEADINGS,
        "direction": "framework",
        "effective_from": "2023-10-31",
        "ended_on": "2025-10",
        "source_url": "https://production.kallanish.com/en/news/power-materials/market-reports/article-details/"
        "china-adds-rare-earths-to-export-report-system-1123/",
    }
    | _on("2023-11-07"),
)
"""Steps that neither list has."""
