"""The feeds: the kinds of statement that publishers make, with the columns, types and closed lists of each.

This module is the only source of them. `python -m warehouse.transform.generate` writes what dbt needs of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import polars as pl

from sources.model.artifact import KnownBasis

_STATUSES = (
    "reported",
    "estimated",
    "zero",
    "not_available",
    "withheld",
    "at_least",
    "at_most",
    "range",
)

CLOSED_LISTS: dict[str, tuple[str, ...]] = {
    "known_basis": get_args(KnownBasis),
    "public_basis": get_args(KnownBasis),
    "value_status": (*_STATUSES, "net_exporter"),
    "weight_status": _STATUSES,
    "basis_code": (
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
    ),
    "reason_code": ("rare_earths_not_reported",),
    "period_type": ("day", "month", "month_range", "calendar_year", "fiscal_year", "year_range"),
    "flow": ("import", "export"),
    "flow_detail": (
        *("import", "re_import", "foreign_import"),
        *("import_for_inward_processing", "import_after_outward_processing"),
        *("export", "re_export", "domestic_export"),
        *("export_after_inward_processing", "export_for_outward_processing"),
    ),
    "hs_revision": ("HS1992", "HS1996", "HS2002", "HS2007", "HS2012", "HS2017", "HS2022"),
    "valuation": ("FOB", "CIF", "unknown"),
    "partner_basis": ("origin", "consignment", "last_known_destination", "unknown"),
    "measure": ("production", "reserves"),
    "scope": ("country", "world", "other_countries"),
    "unit_basis": ("reo", "gross", "metal"),
    "quota_type": ("mining", "smelting_separation"),
    "earths": ("all", "light", "medium_heavy"),
    "batch": ("year", "first", "second", "third"),
    "substance": ("monazite", "reo"),
    "deposit": ("all", "beach_sand", "hard_rock"),
    "form": ("oxide", "metal", "alloy", "acetate", "chloride", "fluoride", "iodide", "magnet"),
    "price_type": ("annual_average", "year_end"),
    "price_terms": ("fob", "fob_china", "ex_works_china"),
    "price_unit": ("usd_per_kg", "usd_per_g"),
    "commodity": ("rare_earths", "heavy_rare_earths", "yttrium", "scandium", "thorium"),
    "salient_measure": (
        *("production", "import", "export", "apparent_consumption", "net_import_reliance", "import_source_share"),
        *("import_unit_value", "employment"),
    ),
    "salient_material": (
        *("all", "concentrates", "monazite", "ores_and_compounds", "compounds", "oxide", "metals"),
        *("ferrocerium_and_alloys", "compounds_and_metals"),
    ),
    "salient_unit": ("t", "kg", "percent", "number", "usd_per_kg"),
    "outlook_measure": ("mining", "refining", "demand"),
    "element_scope": ("magnet_rare_earths",),
    "outlook_scenario": ("base_year", "base_case", "STEPS", "APS", "NZE"),
    "magnet_use": ("electric_vehicles", "wind", "clean_energy", "other_uses", "all_uses"),
    "use_class": ("all", "two_wheeler", "three_wheeler", "four_wheeler", "direct_drive"),
    "deployed_unit": ("vehicles", "mw"),
    "share_measure": ("value_share", "quantity_share"),
    "coverage": ("complete", "partial", "world_total"),
    "date_precision": ("day", "month", "year"),
    "ended_on_precision": ("day", "month", "year"),
    "date_basis": ("document", "press"),
    "affected_flow": ("import", "export"),
    "subject": ("goods", "technology", "goods_and_technology"),
    "direction": (
        "restrict",
        "ease",
        "liberalise",
        "quota",
        "dispute",
        "ruling",
        "framework",
        "support",
        "information",
    ),
}
"""The values a column may have, by its name: the same in every feed. Null is allowed beside them.

`known_basis` is a column of every statement, which it has from its artifact; all others are columns of feeds.

dbt gets these lists in a generated macro; lists of columns that models derive are in `dbt_project.yml`.
"""

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
    "reason_code": pl.String(),
    "is_revised": pl.Boolean(),
    "note": pl.String(),
}
"""One row per measured cell of a production or reserves table, in tonnes.

`unit_basis` says of what: rare-earth oxide equivalent (`reo`) or mineral as mined (`gross`); of a price, also the metal
itself (`metal`). `series` tells apart
what one publisher counts twice. `year` is the year the publisher prints; the period says which months it means
(India's fiscal year, say). `value_raw` is the cell as printed; `scope` tells a country's row from the printed world
total and from "other countries"; `country_code` is null unless `scope` is `country`.
`reason_code` says why a figure is not available, where the publisher does.
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
    "value_local": pl.Float64(),
    "currency_code": pl.String(),
    "value_rounding_usd": pl.Float64(),
    "value_rounding_local": pl.Float64(),
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
"""One row a flow as one reporter states it: US$, money of one other currency, and kg.

`value_local` is in `currency_code` (ISO 4217: INR, CNY, JPY), which is null where the row states US$ or no money only.
`value_rounding_usd`, `value_rounding_local` and `weight_rounding_kg` are half-widths: the unrounded figure lies within
plus or minus that much of the printed one. `value_status` speaks of the US$ where the row states them, else of the
money it does state; local money printed as 0.00 is null, and less than `value_rounding_local`. `code_country` is the
country whose national schedule `hs_code` belongs to, null for an international code. `scope_code` is the international
code all of whose national lines the same query covered, null where only some were: with it lines may be added up to
that code. `part_label` names the part of the flow a row states where the publisher prints a flow in parts that add up
to it (a trade mode); null for a whole flow. `layout_rank` orders the layouts of one publisher by precision, 1 first:
the same flow read from two layouts is one flow.
"""

TRADE_VIA: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "reporter_code": pl.String(),
    "partner_label": pl.String(),
    "partner_code": pl.String(),
    "second_partner_label": pl.String(),
    "second_partner_code": pl.String(),
    "flow": pl.String(),
    "flow_detail": pl.String(),
    "hs_code": pl.String(),
    "hs_revision": pl.String(),
    "period_type": pl.String(),
    "period_start": pl.Date(),
    "period_end": pl.Date(),
    "value_usd": pl.Float64(),
    "value_raw": pl.String(),
    "value_status": pl.String(),
    "net_weight_kg": pl.Float64(),
    "weight_raw": pl.String(),
    "weight_status": pl.String(),
    "quantity": pl.Float64(),
    "quantity_unit": pl.String(),
    "valuation": pl.String(),
    "partner_basis": pl.String(),
}
"""One row a part of a reporter's imports or exports: re-exports and the like, or trade by way of a second partner.

`flow` is the direction, `flow_detail` which part of it. `second_partner_code` is the area through which the goods came
or went (where they were consigned from, say), null where the row is of all of them. Rows of `flow_detail` `import` and
`export` always have one: without it they are rows of `TRADE`. All are contained in rows of `TRADE` or counted beside
them, and are never added to them. Two labels of one area are two rows. US$ and kg are exact, as in the record.
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
    "public_by": pl.Date(),
    "public_basis": pl.String(),
    "page_url": pl.String(),
}
"""One row a quota a government set for a year, in tonnes of rare-earth oxide.

`batch` is `year` for the whole year's quota; `earths` is `all`, or the part of it for light or for medium and heavy
rare earths. Rows of several batches or parts overlap the year's row. `public_by` is the day of the page that quotes the
notice, null where the page has none; `public_basis` says how it is known (a value of `known_basis`).
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

PRICES: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "commodity": pl.String(),
    "label": pl.String(),
    "elements": pl.String(),
    "form": pl.String(),
    "purity": pl.String(),
    "lot": pl.String(),
    "price_type": pl.String(),
    "price_terms": pl.String(),
    "unit_basis": pl.String(),
    "period_type": pl.String(),
    "period_start": pl.Date(),
    "period_end": pl.Date(),
    "price_usd_per_kg": pl.Float64(),
    "price_usd_per_kg_low": pl.Float64(),
    "price_usd_per_kg_high": pl.Float64(),
    "price_unit": pl.String(),
    "value_raw": pl.String(),
    "value_status": pl.String(),
    "note": pl.String(),
}
"""One row a price of a material in a year, in US$ per kg, as one edition prints it.

`elements` are symbols joined by ";" (`Nd;Pr`), `form` what is sold; `purity` is as stated ("99.5% minimum", of an alloy
its composition), `lot` shape and size of the lot where the price depends on them. `unit_basis` says of what a kilogram
is: `reo` for an oxide, `metal`, else `gross`. `price_unit` and `value_raw` are as printed. Prices are never unit values
of trade.
"""

SALIENT: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "country_code": pl.String(),
    "commodity": pl.String(),
    "label": pl.String(),
    "element_symbol": pl.String(),
    "salient_measure": pl.String(),
    "salient_material": pl.String(),
    "partner_label": pl.String(),
    "partner_code": pl.String(),
    "unit_basis": pl.String(),
    "period_type": pl.String(),
    "period_start": pl.Date(),
    "period_end": pl.Date(),
    "salient_value": pl.Float64(),
    "salient_value_low": pl.Float64(),
    "salient_value_high": pl.Float64(),
    "salient_unit": pl.String(),
    "value_raw": pl.String(),
    "value_status": pl.String(),
    "note": pl.String(),
}
"""One row a statistic of a country's salient table other than a price, in `salient_unit`.

A net import reliance of `E` has the status `net_exporter` and no number, ">95" the status `at_least` and a low bound.
Shares of import sources (`partner_label`, `partner_code` null for other countries) are in percent and of several years
together, period type `year_range`. Mass is of oxide (`unit_basis` `reo`), of thorium `gross`. A chapter's figures are
contained in those of rare earths (heavy rare earths, yttrium): never added.
"""

OUTLOOK: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "outlook_measure": pl.String(),
    "element_scope": pl.String(),
    "scope": pl.String(),
    "country_label": pl.String(),
    "country_code": pl.String(),
    "magnet_use": pl.String(),
    "outlook_scenario": pl.String(),
    "period_type": pl.String(),
    "period_start": pl.Date(),
    "period_end": pl.Date(),
    "value_kt": pl.Float64(),
    "value_raw": pl.String(),
    "value_status": pl.String(),
}
"""One row what an outlook states of one year: mining or refining of a country, or demand of a use, in kilotonnes.

`element_scope` says of which elements: figures of magnet rare earths are no part of a table of total rare-earth oxide.
Mining and refining are of a country, the rest of the world (`scope` `other_countries`) or the printed `world`, demand
is of the world and of a `magnet_use`: `clean_energy` is wind and electric vehicles, `all_uses` that and `other_uses`.
`outlook_scenario` is `base_year` for the year the outlook starts from; projections of supply are of the `base_case`,
those of demand of `STEPS`, `APS` or `NZE`, and are `estimated`.
"""

DEPLOYMENT: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "country_code": pl.String(),
    "magnet_use": pl.String(),
    "use_class": pl.String(),
    "period_type": pl.String(),
    "period_start": pl.Date(),
    "period_end": pl.Date(),
    "deployed": pl.Float64(),
    "deployed_rounding": pl.Float64(),
    "deployed_unit": pl.String(),
    "value_raw": pl.String(),
    "value_status": pl.String(),
    "page_url": pl.String(),
}
"""One row what a country put to use in a period that contains magnets: vehicles registered, megawatts installed.

`use_class` is `all`, or a class of vehicle or generator, which is contained in `all`. `deployed_rounding` is half of
the last printed digit, in `deployed_unit`: 500 vehicles for "19.68 lakh".
"""

POLICY_EVENTS: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "event_id": pl.String(),
    "event_date": pl.Date(),
    "event_date_last": pl.Date(),
    "date_precision": pl.String(),
    "date_basis": pl.String(),
    "date_raw": pl.String(),
    "announced_on": pl.Date(),
    "effective_from": pl.Date(),
    "suspended_on": pl.Date(),
    "ended_on": pl.Date(),
    "ended_on_precision": pl.String(),
    "public_by": pl.Date(),
    "public_basis": pl.String(),
    "actor": pl.String(),
    "target": pl.String(),
    "affected_flow": pl.String(),
    "subject": pl.String(),
    "event_type": pl.String(),
    "instrument": pl.String(),
    "title": pl.String(),
    "elements": pl.String(),
    "hs_codes": pl.String(),
    "direction": pl.String(),
    "same_step_as": pl.String(),
    "source_url": pl.String(),
}
"""One row a dated policy step. `event_date` is the earliest day `date_precision` allows, `event_date_last` the latest.

`announced_on`, `effective_from`, `suspended_on` and `ended_on` are null where no page states them; `ended_on` is the
latest day that `ended_on_precision` allows. `public_by` is the day by which the step was public, and `public_basis`
says how it is known (a value of `known_basis`). `target` is whom the step is aimed at, `ALL` for every partner.
`affected_flow` is the actor's flow that the step restricts or frees, of two actors that of the first. `elements` and
`hs_codes` are lists joined by ";", empty where the step names none. `same_step_as` is the id of the row with the same
step by another document.
"""

FEEDS: dict[str, dict[str, pl.DataType]] = {
    "mineral_statistics": MINERAL_STATISTICS,
    "trade": TRADE,
    "trade_via": TRADE_VIA,
    "quotas": QUOTAS,
    "resources": RESOURCES,
    "published_shares": PUBLISHED_SHARES,
    "trade_reference": TRADE_REFERENCE,
    "prices": PRICES,
    "salient": SALIENT,
    "outlook": OUTLOOK,
    "deployment": DEPLOYMENT,
    "policy_events": POLICY_EVENTS,
}
"""Columns and types of each feed, in order, by the feed's name: the schemas that raw tables may have."""


@dataclass(frozen=True, slots=True)
class FeedTime:
    """What the rows of a feed are about in time: columns of the first and the last day, and whether they are measured.

    What is measured is known once its period has ended: `last_day` <= `known_from`. A feed of quotas, targets,
    projections or coming steps is forward: it may speak of days to come, and only has to be known today. A feed has no
    periods where each row has a day of its own.

    One list may quote notices of many days. `public_by` is the column with the day by which a row's own notice was
    public: what the list says of it first was known from that day on, not from the day of the list.
    """

    first_day: str
    last_day: str
    is_forward: bool = False
    has_periods: bool = True
    public_by: str | None = None


FEED_TIMES: dict[str, FeedTime] = {
    "mineral_statistics": FeedTime("period_start", "period_end"),
    "trade": FeedTime("period_start", "period_end"),
    "trade_via": FeedTime("period_start", "period_end"),
    "quotas": FeedTime("year", "year", is_forward=True, public_by="public_by"),
    "resources": FeedTime("as_of_start", "as_of_end"),
    "published_shares": FeedTime("period_start", "period_end"),
    "trade_reference": FeedTime("period_start", "period_end"),
    "prices": FeedTime("period_start", "period_end"),
    "salient": FeedTime("period_start", "period_end"),
    "outlook": FeedTime("period_start", "period_end", is_forward=True),
    "deployment": FeedTime("period_start", "period_end"),
    "policy_events": FeedTime(
        "event_date", "event_date_last", is_forward=True, has_periods=False, public_by="public_by"
    ),
}
"""The time of each feed, by the feed's name."""
