-- Grain: one statement, what one release of one layout says of one flow.
with stated as (
    {{ union_of(var('trade_models'), [
        'source_code', 'edition', 'release', 'known_from', 'known_basis', 'load_order', 'next_release_from',
        'artifact_sha256',
    ] + trade_columns()) }}
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
        coalesce(code_country, 'HS') || ':' || hs_code as product_key
    from stated
)

select * from keyed
