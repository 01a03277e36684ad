-- Grain: one raw row of one release of one layout: a flow, or one part of a flow that its publisher prints in parts.
-- `stated_in` says what the row measures the flow in: statements in dollars, in another
-- currency (its code in lower case) and in kg never end each other.
with loaded as (
    {{ all_statements('trade') }}
),

stated as (
    select
        *,
        case
            when value_usd is not null or value_high_usd is not null then 'usd'
            when value_local is not null or value_status = 'at_most' then lower(currency_code)
            when net_weight_kg is not null or weight_status = 'at_most' then 'kg'
            else 'none'
        end as stated_in
    from loaded
),

keyed as (
    select
        *,
        {{ fact_id([
            'source_code', 'release', 'known_from', 'reporter_code', 'partner_code', 'flow', 'code_country', 'hs_code',
            'period_type', period_key(), 'artifact_sha256',
        ]) }} as fact_id,
        {{ fact_id([
            'source_code', 'reporter_code', 'partner_code', 'flow', 'code_country', 'hs_code', 'period_type',
            period_key(), 'stated_in',
        ]) }} as flow_id,
        {{ fact_id([
            'source_code', 'reporter_code', 'flow', 'code_country', 'hs_code', 'period_type', period_key(), 'stated_in',
        ]) }} as listing_id,
        {{ product_key('code_country', 'hs_code') }} as product_key
    from stated
)

select * from keyed
