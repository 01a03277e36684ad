-- Grain: one raw row of one release of one layout: a flow, or one part of a flow that its publisher prints in parts.
with stated as (
    {{ all_statements('trade') }}
),

keyed as (
    select
        *,
        {{ fact_id([
            'source_code', 'release', 'known_from', 'reporter_code', 'partner_code', 'flow', 'code_country', 'hs_code',
            'period_type', 'period_start', 'artifact_sha256',
        ]) }} as fact_id,
        {{ fact_id([
            'source_code', 'reporter_code', 'partner_code', 'flow', 'code_country', 'hs_code', 'period_type',
            'period_start',
        ]) }} as flow_id,
        {{ product_key('code_country', 'hs_code') }} as product_key
    from stated
)

select * from keyed
