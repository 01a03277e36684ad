-- Grain: one of India's flows with the whole world: flow × code × year, calendar or fiscal, in kg and tonnes of
-- rare-earth oxide. A year's total, or its partners added up, comes first (whole_year). Else the two years of the other
-- calendar that it lies in bound it: between nothing and the sum of both (two_fiscal_years, two_calendar_years). What
-- has no weight is in the upper bounds, at the lowest price of its product.
with added as (
    select
        source_code,
        figure_basis,
        flow,
        product_key,
        period_type,
        year,
        is_partner_world,
        bool_or(has_estimated_weights) as has_estimated_weights,
        {{ exact_sum('weighed_kg') }} as net_weight_kg,
        {{ exact_sum('kg_low') }} as kg_low,
        case when sum(n_unbounded) = 0 then {{ exact_sum('coalesce(weighed_kg_high, 0) + unweighed_kg_high') }} end
            as kg_high,
        coalesce({{ exact_sum('reo_tonnes_low', scale=9) }}, 0) as reo_tonnes_low,
        case
            when sum(n_unweighed) = 0 then {{ complete_sum('reo_tonnes_central', scale=9) }}
        end as reo_tonnes_central,
        {{ exact_sum('weighed_reo_tonnes_high', scale=9) }} as known_reo_tonnes_high,
        case
            when sum(n_unbounded) = 0 and sum(n_without_factor) = 0
                then {{ exact_sum('coalesce(weighed_reo_tonnes_high, 0) + unweighed_reo_tonnes_high', scale=9) }}
        end as reo_tonnes_high,
        {{ exact_sum('unweighed_usd') }} as unweighed_value_usd,
        coalesce({{ exact_sum('unweighed_usd_high') }}, 0) as unweighed_value_usd_high,
        case when sum(n_unbounded) = 0 then {{ exact_sum('unweighed_kg_high') }} end as unweighed_kg_high,
        {{ exact_sum('listed_usd') }} as listed_value_usd
    from {{ ref('int_india_supply__flows') }}
    group by source_code, figure_basis, flow, product_key, period_type, year, is_partner_world
    having sum(n_weighed) > 0
),

best as (
    select * from added
    qualify row_number() over (
        partition by flow, product_key, period_type, year
        order by
            reo_tonnes_high is null, not is_partner_world, has_estimated_weights, reo_tonnes_high - reo_tonnes_low,
            source_code, figure_basis
    ) = 1
),

kinds as (
    select listed.*
    from (
        values
        ('calendar_year', 'fiscal_year', 'two_fiscal_years', 1),
        ('fiscal_year', 'calendar_year', 'two_calendar_years', 0)
    ) as listed (period_type, other_period_type, year_basis, years_after_the_first)
),

bounded_years as (
    select
        kinds.period_type,
        first_years.flow,
        first_years.product_key,
        first_years.year + kinds.years_after_the_first as year,
        kinds.year_basis,
        first_years.has_estimated_weights or second_years.has_estimated_weights as has_estimated_weights,
        first_years.kg_high + second_years.kg_high as kg_high,
        first_years.known_reo_tonnes_high + second_years.known_reo_tonnes_high as known_reo_tonnes_high,
        first_years.reo_tonnes_high + second_years.reo_tonnes_high as reo_tonnes_high,
        first_years.unweighed_value_usd + second_years.unweighed_value_usd as unweighed_value_usd,
        first_years.unweighed_value_usd_high + second_years.unweighed_value_usd_high as unweighed_value_usd_high,
        first_years.unweighed_kg_high + second_years.unweighed_kg_high as unweighed_kg_high,
        first_years.listed_value_usd + second_years.listed_value_usd as listed_value_usd
    from kinds
    inner join best as first_years on kinds.other_period_type = first_years.period_type
    inner join best as second_years
        on
            first_years.flow = second_years.flow
            and first_years.product_key = second_years.product_key
            and first_years.period_type = second_years.period_type
            and first_years.year + 1 = second_years.year
)

select
    period_type,
    flow,
    product_key,
    year,
    'whole_year' as year_basis,
    has_estimated_weights,
    net_weight_kg,
    kg_low,
    kg_high,
    reo_tonnes_low,
    reo_tonnes_central,
    known_reo_tonnes_high,
    reo_tonnes_high,
    unweighed_value_usd,
    unweighed_value_usd_high,
    unweighed_kg_high,
    listed_value_usd
from best
union all
select
    bounded_years.period_type,
    bounded_years.flow,
    bounded_years.product_key,
    bounded_years.year,
    bounded_years.year_basis,
    bounded_years.has_estimated_weights,
    cast(null as double) as net_weight_kg,
    0.0 as kg_low,
    bounded_years.kg_high,
    0.0 as reo_tonnes_low,
    cast(null as double) as reo_tonnes_central,
    bounded_years.known_reo_tonnes_high,
    bounded_years.reo_tonnes_high,
    bounded_years.unweighed_value_usd,
    bounded_years.unweighed_value_usd_high,
    bounded_years.unweighed_kg_high,
    bounded_years.listed_value_usd
from bounded_years
left join best
    on
        bounded_years.period_type = best.period_type
        and bounded_years.flow = best.flow
        and bounded_years.product_key = best.product_key
        and bounded_years.year = best.year
where best.year is null
