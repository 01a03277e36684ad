-- Grain: one current figure of one of India's flows in a year: what of it is weighed, in kg and tonnes of rare-earth
-- oxide, and the most that the rest can weigh. A roll-up is the sum of its lines, so a line without a weight takes
-- nothing from the others. The rest is bounded by its value at the lowest price of its product.
with trade as (
    select *
    from {{ ref('int_trade__figures') }}
    where
        reporter_code = 'IND'
        and period_type in ('calendar_year', 'fiscal_year')
        and product_key like 'HS:%'
),

parts as (
    select
        fact_id,
        flow,
        product_key as part_key,
        net_weight_kg,
        weight_rounding_kg,
        weight_status,
        value_usd,
        value_high_usd
    from trade
    where figure_basis = 'reported'
    union all
    select
        trade.fact_id,
        trade.flow,
        lines.product_key as part_key,
        lines.net_weight_kg,
        lines.weight_rounding_kg,
        lines.weight_status,
        lines.value_usd,
        coalesce(lines.value_high_usd, lines.value_usd + coalesce(lines.value_rounding_usd, 0)) as value_high_usd
    from trade
    inner join {{ ref('int_trade__rollup_members') }} as lines on trade.fact_id = lines.rollup_fact_id
    where trade.figure_basis = 'rolled_up'
),

measured as (
    select
        parts.*,
        parts.net_weight_kg is not null or parts.weight_status = 'at_most' as is_weighed,
        case when parts.weight_status = 'at_most' then 0 else parts.net_weight_kg end as weighed_kg,
        coalesce(parts.weight_rounding_kg, 0) as rounding_kg,
        case when parts.value_high_usd = 0 then 0 else parts.value_high_usd / prices.usd_per_kg end as most_kg,
        factors.factor_low,
        factors.factor_central,
        factors.factor_high
    from parts
    left join {{ ref('int_products__reo_factors') }} as factors on parts.part_key = factors.product_key
    left join {{ ref('int_india_supply__prices') }} as prices
        on
            parts.part_key = prices.product_key
            and parts.flow = prices.flow
),

added as (
    select
        fact_id,
        count(*) filter (where is_weighed) as n_weighed,
        count(*) filter (where not is_weighed and most_kg is distinct from 0) as n_unweighed,
        count(*) filter (where not is_weighed and most_kg is null) as n_unbounded,
        {{ exact_sum('weighed_kg') }} as weighed_kg,
        {{ exact_sum('greatest(weighed_kg - rounding_kg, 0)') }} as kg_low,
        {{ exact_sum('weighed_kg + rounding_kg') }} as weighed_kg_high,
        {{ exact_sum('greatest(weighed_kg - rounding_kg, 0) * factor_low', scale=9) }} / 1000 as reo_tonnes_low,
        case
            when count(factor_central) filter (where weighed_kg > 0) = count(*) filter (where weighed_kg > 0)
                then coalesce({{ exact_sum('weighed_kg * factor_central', scale=9) }}, 0) / 1000
        end as reo_tonnes_central,
        {{ exact_sum('(weighed_kg + rounding_kg) * factor_high', scale=9) }} / 1000 as weighed_reo_tonnes_high,
        count(*) filter (where factor_high is null) as n_without_factor,
        coalesce({{ exact_sum('value_usd', where='not is_weighed') }}, 0) as unweighed_usd,
        {{ exact_sum('value_high_usd', where='not is_weighed') }} as unweighed_usd_high,
        coalesce({{ exact_sum('most_kg', where='not is_weighed') }}, 0) as unweighed_kg_high,
        coalesce({{ exact_sum('most_kg * factor_high', where='not is_weighed', scale=9) }}, 0) / 1000
            as unweighed_reo_tonnes_high,
        {{ exact_sum('value_usd') }} as listed_usd
    from measured
    group by fact_id
)

select
    trade.fact_id,
    trade.source_code,
    trade.figure_basis,
    trade.is_partner_world,
    trade.flow,
    trade.product_key,
    trade.period_type,
    cast(year(trade.period_start) as integer) as year,
    trade.weight_status = 'estimated' as has_estimated_weights,
    added.* exclude (fact_id)
from trade
inner join added on trade.fact_id = added.fact_id
