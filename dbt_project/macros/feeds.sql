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

{# Statements with the day each was superseded or withdrawn. `thing` names what is measured: a statement holds until the
   next statement of the same thing by the same source, or until its own partition is released anew. Knowledge is told by
   the day: of several statements of one day the last stands. #}
{% macro stated(feed, thing) -%}
with stated as (
    {{ all_statements(feed) }}
),

ordered as (
    select
        *,
        lead(known_from) over (
            partition by source_code, {{ thing | join(', ') }}
            order by known_from, load_order
        ) as next_statement_from
    from stated
),

bounded as (
    select
        *,
        {{ fact_id(['source_code', 'edition', 'release', 'known_from'] + thing + ['artifact_sha256']) }} as fact_id,
        least(next_statement_from, next_release_from) as known_to
    from ordered
)

select * from bounded
{{ known_on_a_day_or_revised_within_it(['edition'] + thing) }}
{%- endmacro %}

{# Which statements are facts. One replaced on the very day it became known was never known at the end of a day: it is
   kept, `known_to` being `known_from`, where its own partition was released anew that day, for that is a revision; two
   partitions that overlap are none. #}
{% macro known_on_a_day_or_revised_within_it(thing) -%}
where
    known_to is null
    or known_to > known_from
    or next_release_from = known_from
qualify
    row_number() over (
        partition by source_code, release, known_from, {{ thing | join(', ') }}
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
