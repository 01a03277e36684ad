-- A weight without an equivalent lost its factor; an equivalent without a weight is a guess.
-- noqa: disable=LT02
with facts as (
    {%- for fact in ['fct_trade_flow', 'fct_trade_total', 'fct_trade_rollup'] %}
    select
        fact_id,
        net_weight_kg,
        weight_status,
        reo_tonnes_low,
        reo_tonnes_central,
        reo_tonnes_high,
        reo_factor_id
    from {{ as_built(ref(fact)) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select *
from facts
where
    (net_weight_kg is not null and (reo_tonnes_low is null or reo_tonnes_high is null or reo_factor_id is null))
    or (net_weight_kg is null and reo_tonnes_high is not null and weight_status <> 'at_most')
    or {{ exceeds('reo_tonnes_low', 'reo_tonnes_high') }}
    or {{ exceeds('reo_tonnes_low', 'reo_tonnes_central') }}
    or {{ exceeds('reo_tonnes_central', 'reo_tonnes_high') }}
