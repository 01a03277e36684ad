"""What the columns of each feed are for: which name the measured thing, which say something of it, which only word it.

`python -m warehouse.transform.generate` writes what dbt needs of it. Every column of a feed has exactly one of the
three uses, which a test checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FeedColumns:
    """What the columns of a feed are for, where two statements of one thing are compared.

    `key` names the measured thing. `meaning` is what is said of it: two statements with equal meaning say the same, and
    the later one is no statement of its own. `wording` is how it is said: where it stands, labels, cells as printed,
    notes, pages, and the mark that a figure was revised, which the figure shows by itself. `roundings` gives the
    half-width of a figure's rounding, by the figure: the same figure with fewer digits says nothing new, with more
    digits it does.
    """

    key: tuple[str, ...]
    meaning: tuple[str, ...]
    wording: tuple[str, ...]
    roundings: Mapping[str, str] = field(default_factory=dict)


FEED_COLUMNS: dict[str, FeedColumns] = {
    "mineral_statistics": FeedColumns(
        key=("measure", "scope", "country_code", "year", "series"),
        meaning=(
            *("period_type", "period_start", "period_end", "unit_basis"),
            *("value_t", "value_low_t", "value_high_t", "value_status", "basis_code", "reason_code"),
        ),
        wording=("artifact_row", "country_label", "value_raw", "is_revised", "note"),
    ),
    "trade": FeedColumns(
        key=("reporter_code", "partner_code", "flow", "hs_code", "code_country", "period_type", "period_start"),
        meaning=(
            *("is_partner_world", "hs_revision", "period_end", "valuation", "partner_basis"),
            *("value_usd", "value_low_usd", "value_high_usd", "value_rounding_usd"),
            *("value_local", "currency_code", "value_rounding_local", "value_status", "basis_code"),
            *("net_weight_kg", "weight_rounding_kg", "weight_status", "quantity", "quantity_unit"),
        ),
        wording=(
            *("artifact_row", "layout_rank", "partner_label", "scope_code", "part_label"),
            *("value_raw", "weight_raw", "is_revised"),
        ),
        roundings={
            "value_usd": "value_rounding_usd",
            "value_local": "value_rounding_local",
            "net_weight_kg": "weight_rounding_kg",
        },
    ),
    "trade_via": FeedColumns(
        key=(
            *("reporter_code", "partner_code", "partner_label", "second_partner_code", "second_partner_label"),
            *("flow", "flow_detail", "hs_code", "period_type", "period_start"),
        ),
        meaning=(
            *("hs_revision", "period_end", "valuation", "partner_basis", "value_usd", "value_status"),
            *("net_weight_kg", "weight_status", "quantity", "quantity_unit"),
        ),
        wording=("artifact_row", "value_raw", "weight_raw"),
    ),
    "quotas": FeedColumns(
        key=("country_code", "quota_type", "year", "batch", "earths"),
        meaning=("value_t", "value_low_t", "value_high_t", "value_status", "basis_code"),
        wording=("artifact_row", "value_raw", "is_revised", "public_by", "public_basis", "page_url"),
    ),
    "resources": FeedColumns(
        key=("country_code", "region_code", "deposit", "substance", "as_of_start", "as_of_end"),
        meaning=(
            *("value_t", "value_low_t", "value_high_t", "value_rounding_t"),
            *("value_status", "basis_code"),
        ),
        wording=("artifact_row", "region_label", "value_raw", "is_revised", "page_url"),
        roundings={"value_t": "value_rounding_t"},
    ),
    "published_shares": FeedColumns(
        key=(
            *("share_measure", "reporter_code", "partner_code", "flow", "code_country", "hs_code"),
            *("period_type", "period_start"),
        ),
        meaning=("period_end", "share", "share_rounding", "value_status", "basis_code"),
        wording=("artifact_row", "partner_label", "value_raw", "is_revised"),
        roundings={"share": "share_rounding"},
    ),
    "trade_reference": FeedColumns(
        key=("exporter_code", "importer_code", "hs_code", "period_type", "period_start"),
        meaning=(
            *("hs_revision", "period_end", "value_usd", "value_rounding_usd", "value_status"),
            *("net_weight_kg", "weight_rounding_kg", "weight_status", "coverage"),
        ),
        wording=("artifact_row", "exporter_label", "importer_label", "value_raw", "weight_raw"),
        roundings={"value_usd": "value_rounding_usd", "net_weight_kg": "weight_rounding_kg"},
    ),
    "prices": FeedColumns(
        key=("elements", "form", "purity", "lot", "price_type", "period_type", "period_start"),
        meaning=(
            *("period_end", "price_usd_per_kg", "price_usd_per_kg_low", "price_usd_per_kg_high", "value_status"),
            *("unit_basis", "price_terms", "price_unit"),
        ),
        wording=("artifact_row", "commodity", "label", "value_raw", "note"),
    ),
    "salient": FeedColumns(
        key=(
            *("country_code", "commodity", "element_symbol", "salient_measure", "salient_material", "partner_label"),
            *("period_type", "period_start"),
        ),
        meaning=(
            *("partner_code", "period_end", "salient_value", "salient_value_low", "salient_value_high"),
            *("value_status", "salient_unit", "unit_basis"),
        ),
        wording=("artifact_row", "label", "value_raw", "note"),
    ),
    "outlook": FeedColumns(
        key=(
            *("outlook_measure", "element_scope", "scope", "country_code", "magnet_use", "outlook_scenario"),
            *("period_type", "period_start"),
        ),
        meaning=("period_end", "value_kt", "value_status"),
        wording=("artifact_row", "country_label", "value_raw"),
    ),
    "deployment": FeedColumns(
        key=("country_code", "magnet_use", "use_class", "period_type", "period_start"),
        meaning=("period_end", "deployed", "deployed_rounding", "deployed_unit", "value_status"),
        wording=("artifact_row", "value_raw", "page_url"),
        roundings={"deployed": "deployed_rounding"},
    ),
    "policy_events": FeedColumns(
        key=("event_id",),
        meaning=(
            *("event_date", "event_date_last", "date_precision", "date_basis"),
            *("announced_on", "effective_from", "suspended_on", "ended_on", "ended_on_precision"),
            *("actor", "target", "affected_flow", "subject", "event_type", "instrument", "title"),
            *("elements", "hs_codes", "direction", "same_step_as", "source_url"),
        ),
        wording=("artifact_row", "date_raw", "public_by", "public_basis"),
    ),
}
"""What the columns of each feed are for, by the feed's name. Of a policy step the words are what is said."""
