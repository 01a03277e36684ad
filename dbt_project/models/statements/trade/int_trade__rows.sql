-- Grain: one raw row of one release of one layout: a flow, or one part of a flow that its publisher prints in parts.
-- `stated_in` is what the row measures the flow in: usd, the code of another currency in lower case, kg, or none. It is
-- part of the flow's identity: statements in different measures never end each other.
{{ config(materialized='incremental') }}
with of_every_year as (
    {{ all_statements('trade') }}
),

loaded as (
    select * from {{ of_years('of_every_year') }}
),

areas as (
    select * from {{ ref('seed_area') }}
),

measured as (
    select
        loaded.*,
        {{ product_key('loaded.code_country', 'areas.iso2_code', 'loaded.hs_code') }} as product_key,
        case
            when loaded.value_usd is not null or loaded.value_high_usd is not null then 'usd'
            when loaded.value_local is not null or loaded.value_status = 'at_most' then lower(loaded.currency_code)
            when loaded.net_weight_kg is not null or loaded.weight_status = 'at_most' then 'kg'
            else 'none'
        end as stated_in
    from loaded
    left join areas on loaded.code_country = areas.area_code
),

identified as (
    select
        *,
        {{ fact_id([
            'source_code', 'release', 'known_from', 'reporter_code', 'partner_code', 'flow', 'code_country', 'hs_code',
            'period_type', period_key(), 'artifact_sha256',
        ]) }} as fact_id,
        {{ flow_id() }} as flow_id,
        {{ flow_id(without=['partner']) }} as listing_id,
        {{ flow_id(without=['source', 'measure']) }} as flow_across_sources_id
    from measured
)

select * exclude (partner_label) from identified
