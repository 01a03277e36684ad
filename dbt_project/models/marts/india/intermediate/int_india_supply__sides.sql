-- Grain: India's imports or exports of one stage in one year, calendar or fiscal, of which a value or a weight is held.
-- A weight and an upper bound need every line of the stage.
with stages as (
    select
        stage_code,
        count(*) as n_lines
    from {{ ref('dim_product') }}
    where product_key in ({{ quoted(var('supply_lines')) }})
    group by stage_code
),

weighed as (
    select
        lines.stage_code,
        lines.flow,
        lines.period_type,
        lines.period_start,
        count(*) = any_value(stages.n_lines) as has_every_line,
        {{ complete_sum('lines.weight_kg') }} as weight_kg,
        {{ exact_sum('lines.kg_low') }} as kg_low,
        {{ complete_sum('lines.kg_high') }} as kg_high,
        {{ exact_sum('lines.reo_tonnes_low', scale=9) }} as reo_tonnes_low,
        {{ complete_sum('lines.reo_tonnes_high', scale=9) }} as reo_tonnes_high
    from {{ ref('int_india_supply__lines') }} as lines
    inner join stages on lines.stage_code = stages.stage_code
    group by lines.stage_code, lines.flow, lines.period_type, lines.period_start
),

valued as (
    select * from {{ ref('int_india_supply__values') }}
)

select
    coalesce(weighed.stage_code, valued.stage_code) as stage_code,
    coalesce(weighed.flow, valued.flow) as flow,
    coalesce(weighed.period_type, valued.period_type) as period_type,
    coalesce(weighed.period_start, valued.period_start) as period_start,
    valued.value_usd,
    valued.value_low_usd,
    valued.value_high_usd,
    case when weighed.has_every_line then weighed.weight_kg end as weight_kg,
    weighed.kg_low,
    case when weighed.has_every_line then weighed.kg_high end as kg_high,
    weighed.reo_tonnes_low,
    case when weighed.has_every_line then weighed.reo_tonnes_high end as reo_tonnes_high
from weighed
full outer join valued
    on
        weighed.stage_code = valued.stage_code
        and weighed.flow = valued.flow
        and weighed.period_type = valued.period_type
        and weighed.period_start = valued.period_start
