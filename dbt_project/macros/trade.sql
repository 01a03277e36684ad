{# The columns of a reported flow, as parsers yield them. #}
{% macro trade_columns() -%}
    {{ return([
        "artifact_row", "layout_rank", "reporter_code", "partner_label", "partner_code", "is_partner_world",
        "flow", "hs_code", "code_country", "hs_revision", "period_type", "period_start", "period_end",
        "value_usd", "value_low_usd", "value_high_usd", "value_inr", "value_rounding_usd", "value_raw",
        "value_status", "basis_code", "is_revised", "net_weight_kg", "weight_rounding_kg", "weight_raw",
        "weight_status", "quantity", "quantity_unit", "valuation", "partner_basis",
    ]) }}
{%- endmacro %}

{# A publisher's raw trade, with the release each row came with. #}
{% macro stage_trade(table) -%}
with source as (
    select * from {{ source('raw', table) }}
),

loads as (
    select * from {{ ref('stg_ledger__loads') }}
),

renamed as (
    select
        {{ release_columns() }},
        {%- for column in trade_columns() %}
        source.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from source
    inner join loads on source.load_id = loads.load_id
)

select * from renamed
{%- endmacro %}

{# The columns that both published trade facts share, in the order of the contract. #}
{% macro published_trade_columns() -%}
    fact_id,
    source_code,
    edition,
    release,
    known_from,
    known_to,
    known_basis,
    known_to is null as is_latest,
    reporter_code,
    partner_code,
    flow,
    product_key,
    hs_code,
    hs_revision,
    period_type,
    period_start,
    period_end,
    value_usd,
    value_low_usd,
    value_high_usd,
    value_inr,
    value_rounding_usd,
    value_raw,
    value_status,
    basis_code,
    is_revised,
    net_weight_kg,
    weight_rounding_kg,
    weight_raw,
    weight_status,
    quantity,
    quantity_unit,
    valuation,
    partner_basis,
    is_preferred
{%- endmacro %}
