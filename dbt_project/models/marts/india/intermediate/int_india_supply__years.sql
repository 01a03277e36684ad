-- Grain: one year, calendar or fiscal, of which something of India's production or trade is known × one stage of the
-- chain, with the mine production of the year at the stage of ore. Production is stated by calendar year: a fiscal
-- year's lies between nothing and that of the two calendar years it lies in. No source states India's output at a later
-- stage.
with calendar_production as (
    select * from {{ ref('fct_production') }}
    where
        country_code = 'IND'
        and is_preferred
        and period_type = 'calendar_year'
),

production as (
    select
        'calendar_year' as period_type,
        year,
        fact_id,
        source_code,
        value_status,
        reo_tonnes_low,
        reo_tonnes_central,
        reo_tonnes_high
    from calendar_production
    union all
    select
        'fiscal_year' as period_type,
        first_years.year,
        first_years.fact_id,
        case when first_years.source_code = second_years.source_code then first_years.source_code end as source_code,
        case
            when 'estimated' in (first_years.value_status, second_years.value_status) then 'estimated'
            else first_years.value_status
        end as value_status,
        0.0 as reo_tonnes_low,
        cast(null as double) as reo_tonnes_central,
        first_years.reo_tonnes_high + second_years.reo_tonnes_high as reo_tonnes_high
    from calendar_production as first_years
    inner join calendar_production as second_years on first_years.year + 1 = second_years.year
),

years as (
    select
        'calendar_year' as period_type,
        year
    from calendar_production
    union
    select
        'calendar_year' as period_type,
        year
    from {{ ref('int_india_supply__figures') }}
    where period_type = 'calendar_year'
    union
    select
        'calendar_year' as period_type,
        year
    from {{ ref('int_india_supply__values') }}
    where period_type = 'calendar_year'
    union
    -- a month or a fiscal year names the calendar year it begins in
    select
        'calendar_year' as period_type,
        cast(year(period_start) as integer) as year
    from {{ ref('int_trade__figures') }}
    where reporter_code = 'IND'
    union
    select
        period_type,
        cast(year(period_start) as integer) as year
    from {{ ref('int_trade__figures') }}
    where
        reporter_code = 'IND'
        and period_type = 'fiscal_year'
)

select
    years.period_type,
    years.year,
    case when years.period_type = 'fiscal_year' then make_date(years.year, 4, 1) else make_date(years.year, 1, 1) end
        as period_start,
    case
        when years.period_type = 'fiscal_year' then make_date(years.year + 1, 3, 31)
        else make_date(years.year, 12, 31)
    end as period_end,
    case
        when years.period_type = 'fiscal_year'
            then 'FY' || years.year || '-' || strftime(make_date(years.year + 1, 1, 1), '%y')
        else cast(years.year as varchar)
    end as period_label,
    stages.stage_code,
    stages.stage_name,
    stages.stage_order,
    stages.stage_code = 'ore' as is_mined,
    production.fact_id as production_fact_id,
    production.source_code as production_source_code,
    production.value_status as production_status,
    production.reo_tonnes_low,
    production.reo_tonnes_central,
    production.reo_tonnes_high
from years
cross join {{ ref('dim_stage') }} as stages
left join production
    on
        years.period_type = production.period_type
        and years.year = production.year
        and stages.stage_code = 'ore'
