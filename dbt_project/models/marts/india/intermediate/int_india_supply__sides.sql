-- Grain: India's imports or exports of one stage in one year, calendar or fiscal, of which some figure is known. Each
-- six-digit code of the stage counts once: by its own figure, or all together by that of their heading where it holds
-- no other goods; national lines are counted in their roll-ups. Bounds are those of the whole stage: while a code has
-- no figure there is no upper bound and no centre. `known` bounds what is weighed.
{%- set weights = ref('int_india_supply__figures') %}
{%- set money = ref('int_india_supply__values') %}
with codes as (
    select
        product_key,
        parent_key,
        stage_code
    from {{ ref('dim_product') }}
    where product_key in ({{ quoted(var('supply_codes')) }})
),

stages as (
    select
        stage_code,
        count(*) as n_codes
    from codes
    group by stage_code
),

headings as (
    select
        codes.parent_key as product_key,
        codes.stage_code,
        stages.n_codes
    from codes
    inner join stages on codes.stage_code = stages.stage_code
    where codes.parent_key in ({{ quoted(var('supply_headings')) }})
    group by codes.parent_key, codes.stage_code, stages.n_codes
    having count(*) = stages.n_codes
),

own as (
    select
        codes.stage_code,
        figures.*,
        1 as n_covered,
        count(*) over (same_stage) as n_own,
        count(*) filter (where figures.year_basis = 'whole_year') over (same_stage) as n_own_whole
    from codes
    inner join {{ weights }} as figures on codes.product_key = figures.product_key
    window same_stage as (partition by codes.stage_code, figures.period_type, figures.flow, figures.year)
),

headed as (
    select
        headings.stage_code,
        figures.*,
        headings.n_codes as n_covered
    from headings
    inner join {{ weights }} as figures on headings.product_key = figures.product_key
    where not exists (
        select 1
        from own
        where
            own.stage_code = headings.stage_code
            and own.period_type = figures.period_type
            and own.flow = figures.flow
            and own.year = figures.year
            and own.n_own = headings.n_codes
            and (own.n_own_whole = headings.n_codes or figures.year_basis <> 'whole_year')
    )
),

counted as (
    select * from headed
    union all
    select own.* exclude (n_own, n_own_whole)
    from own
    where not exists (
        select 1
        from headed
        where
            headed.stage_code = own.stage_code
            and headed.period_type = own.period_type
            and headed.flow = own.flow
            and headed.year = own.year
    )
),

weighed as (
    select
        stage_code,
        period_type,
        flow,
        year,
        sum(n_covered) as n_codes_known,
        count(*) = count(reo_tonnes_high) as is_bounded,
        string_agg(product_key, ', ' order by product_key) as codes_known,
        case when count(distinct year_basis) = 1 then max(year_basis) else 'mixed' end as year_basis,
        {{ exact_sum('net_weight_kg') }} as net_weight_kg,
        {{ exact_sum('kg_low') }} as kg_low,
        {{ complete_sum('kg_high') }} as kg_high,
        bool_or(has_estimated_weights) as has_estimated_weights,
        {{ exact_sum('reo_tonnes_low', scale=9) }} as reo_tonnes_low,
        {{ complete_sum('reo_tonnes_central', scale=9) }} as reo_tonnes_central,
        {{ complete_sum('reo_tonnes_high', scale=9) }} as reo_tonnes_high,
        {{ exact_sum('known_reo_tonnes_high', scale=9) }} as known_reo_tonnes_high,
        {{ exact_sum('unweighed_value_usd') }} as unweighed_value_usd,
        {{ exact_sum('unweighed_value_usd_high') }} as unweighed_value_usd_high,
        {{ complete_sum('unweighed_kg_high') }} as unweighed_kg_high,
        {{ exact_sum('unweighed_value_usd') }} / nullif({{ exact_sum('listed_value_usd') }}, 0) as unweighed_value_share
    from counted
    group by stage_code, period_type, flow, year
),

own_values as (
    select
        codes.stage_code,
        figures.period_type,
        figures.flow,
        figures.year,
        count(*) as n_covered,
        {{ exact_sum('figures.value_usd') }} as value_usd
    from codes
    inner join {{ money }} as figures on codes.product_key = figures.product_key
    group by codes.stage_code, figures.period_type, figures.flow, figures.year
),

heading_values as (
    select
        headings.stage_code,
        figures.period_type,
        figures.flow,
        figures.year,
        headings.n_codes as n_covered,
        figures.value_usd
    from headings
    inner join {{ money }} as figures on headings.product_key = figures.product_key
),

valued as (
    select
        coalesce(heading_values.stage_code, own_values.stage_code) as stage_code,
        coalesce(heading_values.period_type, own_values.period_type) as period_type,
        coalesce(heading_values.flow, own_values.flow) as flow,
        coalesce(heading_values.year, own_values.year) as year,
        coalesce(heading_values.n_covered, own_values.n_covered) as n_codes_valued,
        coalesce(heading_values.value_usd, own_values.value_usd) as value_usd
    from own_values
    full outer join heading_values
        on
            own_values.stage_code = heading_values.stage_code
            and own_values.period_type = heading_values.period_type
            and own_values.flow = heading_values.flow
            and own_values.year = heading_values.year
)

select
    coalesce(weighed.stage_code, valued.stage_code) as stage_code,
    coalesce(weighed.period_type, valued.period_type) as period_type,
    coalesce(weighed.flow, valued.flow) as flow,
    coalesce(weighed.year, valued.year) as year,
    stages.n_codes,
    coalesce(weighed.n_codes_known, 0) as n_codes_known,
    weighed.codes_known,
    weighed.year_basis,
    weighed.net_weight_kg,
    weighed.kg_low,
    case when weighed.n_codes_known = stages.n_codes then weighed.kg_high end as kg_high,
    weighed.has_estimated_weights,
    coalesce(weighed.reo_tonnes_low, 0) as reo_tonnes_low,
    case when weighed.n_codes_known = stages.n_codes then weighed.reo_tonnes_central end as reo_tonnes_central,
    case when weighed.n_codes_known = stages.n_codes then weighed.reo_tonnes_high end as reo_tonnes_high,
    weighed.known_reo_tonnes_high,
    weighed.is_bounded,
    weighed.unweighed_value_usd,
    weighed.unweighed_value_usd_high,
    weighed.unweighed_kg_high,
    weighed.unweighed_value_share,
    coalesce(valued.n_codes_valued, 0) as n_codes_valued,
    valued.value_usd
from weighed
full outer join valued
    on
        weighed.stage_code = valued.stage_code
        and weighed.period_type = valued.period_type
        and weighed.flow = valued.flow
        and weighed.year = valued.year
inner join stages on coalesce(weighed.stage_code, valued.stage_code) = stages.stage_code
