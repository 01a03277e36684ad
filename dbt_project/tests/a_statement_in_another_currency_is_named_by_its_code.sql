-- `stated_in` is usd, kg, none, or the lower-case code of the currency of a statement without US$.
-- noqa: disable=LT02
with reports as (
    {%- for fact in ['fct_trade_flow', 'fct_trade_total', 'fct_trade_rollup'] %}
    select
        fact_id,
        stated_in,
        value_usd,
        currency_code
    from {{ as_built(ref(fact)) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select *
from reports
where
    stated_in not in ('usd', 'kg', 'none')
    and (value_usd is not null or coalesce(stated_in <> lower(currency_code), true))
