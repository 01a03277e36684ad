{# The columns of each kind of statement, as parsers yield them (FEEDS in sources/model/feeds.py). #}
{% macro feed_columns(feed) -%}
    {%- set release = ["source_code", "partition_name", "edition", "release", "known_from", "known_basis", "load_order",
        "next_release_from", "artifact_sha256"] -%}
    {%- set feeds = {
        "mineral_statistics": [
            "artifact_row", "measure", "scope", "country_code", "year", "period_type", "period_start", "period_end",
            "series", "unit_basis", "value_t", "value_low_t", "value_high_t", "value_raw", "value_status",
            "basis_code", "is_revised",
        ],
        "trade": [
            "artifact_row", "layout_rank", "reporter_code", "partner_label", "partner_code", "is_partner_world",
            "flow", "hs_code", "code_country", "scope_code", "part_label", "hs_revision", "period_type",
            "period_start", "period_end", "value_usd", "value_low_usd", "value_high_usd", "value_local", "currency_code",
            "value_rounding_usd", "value_rounding_local", "value_raw", "value_status", "basis_code", "is_revised",
            "net_weight_kg", "weight_rounding_kg", "weight_raw", "weight_status", "quantity", "quantity_unit", "valuation",
            "partner_basis",
        ],
        "quotas": [
            "artifact_row", "country_code", "quota_type", "earths", "batch", "year", "value_t", "value_low_t",
            "value_high_t", "value_raw", "value_status", "basis_code", "is_revised", "page_url",
        ],
        "resources": [
            "artifact_row", "country_code", "region_label", "region_code", "deposit", "substance", "as_of_start",
            "as_of_end", "value_t", "value_low_t", "value_high_t", "value_rounding_t", "value_raw", "value_status",
            "basis_code", "is_revised", "page_url",
        ],
        "published_shares": [
            "artifact_row", "share_measure", "reporter_code", "partner_label", "partner_code", "flow", "hs_code",
            "code_country", "period_type", "period_start", "period_end", "share", "share_rounding", "value_raw",
            "value_status", "basis_code", "is_revised",
        ],
        "trade_reference": [
            "artifact_row", "exporter_label", "exporter_code", "importer_label", "importer_code", "hs_code",
            "hs_revision", "period_type", "period_start", "period_end", "value_usd", "value_rounding_usd",
            "value_raw", "value_status", "net_weight_kg", "weight_rounding_kg", "weight_raw", "weight_status",
            "coverage",
        ],
        "policy_events": [
            "artifact_row", "event_id", "event_date", "event_date_last", "date_precision", "date_basis", "date_raw",
            "actor", "event_type", "instrument", "title", "elements", "hs_codes", "direction", "source_url",
        ],
    } -%}
    {{ return(release + feeds[feed]) }}
{%- endmacro %}

{# A publisher's raw table, with the release each row came with. #}
{% macro stage(table, feed) -%}
with source as (
    select * from {{ source('raw', table) }}
),

loads as (
    select * from {{ ref('stg_ledger__loads') }}
),

renamed as (
    select
        {%- for column in feed_columns(feed) %}
        {{ "loads" if loop.index <= 9 else "source" }}.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from source
    inner join loads on source.load_id = loads.load_id
)

select * from renamed
{%- endmacro %}

{# All statements of one kind, by all publishers in its registry (var `<feed>_models`). #}
{% macro all_statements(feed) -%}
    {%- for model in var(feed ~ '_models') %}
    select
        {%- for column in feed_columns(feed) %}
        {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ ref(model) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# Statements with the day until which each is valid (known_to). `key` names what is measured: a statement is valid until
   the next statement with the same key by the same source, or until the next release of its own partition. Validity is
   by day: of several statements of one day only the last is kept. #}
{% macro with_validity(feed, key) -%}
with stated as (
    {{ all_statements(feed) }}
),

ordered as (
    select
        *,
        lead(known_from) over (
            partition by source_code, {{ key | join(', ') }}
            order by known_from, load_order
        ) as next_statement_from
    from stated
),

bounded as (
    select
        *,
        {{ fact_id(['source_code', 'edition', 'release', 'known_from'] + key + ['artifact_sha256']) }} as fact_id,
        least(next_statement_from, next_release_from) as known_to
    from ordered
)

select * from bounded
{{ drop_superseded_within_day(['edition'] + key) }}
{%- endmacro %}

{# Keep the statements that are facts. A statement superseded on the day on which it became known was not valid at the end
   of any day. It is dropped, unless a second release of its own partition superseded it: that is a revision, and the
   statement is kept with `known_to` equal to `known_from`. Of the statements of one release and day with the same key
   the last is kept. #}
{% macro drop_superseded_within_day(key) -%}
where
    known_to is null
    or known_to > known_from
    or next_release_from = known_from
qualify
    row_number() over (
        partition by source_code, release, known_from, {{ key | join(', ') }}
        order by load_order desc
    ) = 1
{%- endmacro %}

{# The columns every fact begins with. #}
{% macro statement_columns() -%}
    fact_id,
    source_code,
    edition,
    release,
    known_from,
    known_to,
    known_basis,
    known_to is null as is_latest
{%- endmacro %}
