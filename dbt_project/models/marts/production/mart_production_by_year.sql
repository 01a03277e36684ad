-- Grain: one country and calendar year from the first year of the calendar on: the preferred figure of mine production,
-- or a row that says why there is none. Countries are those with a figure in any year. Beside them stands the world's
-- printed total: countries are added up only in a year in which they make it up (`is_whole_year`).
with figures as (
    select * from {{ ref('fct_production') }}
    where
        is_latest
        and is_preferred
        and period_type = 'calendar_year'
),

world as (
    select
        year,
        total_t_reo
    from {{ ref('fct_world_total') }}
    where
        is_latest
        and is_preferred
        and measure = 'production'
),

listed as (
    select
        year,
        {{ exact_sum('production_t_reo') }} as listed_t_reo
    from figures
    group by year
),

countries as (
    select distinct
        country_code,
        country_name
    from figures
),

years as (
    select
        unnest(generate_series({{ var('production_calendar')['first_year'] }}, year(as_of_day))) as year,
        as_of_day
    from {{ ref('stg_ledger__as_of') }}
)

select
    figures.fact_id,
    countries.country_code,
    countries.country_name,
    {{ calendar_year_columns('years.year') }},
    cast(years.year as integer) as year,
    figures.source_code,
    figures.edition,
    figures.series,
    figures.production_t_reo,
    figures.value_status as production_status,
    figures.basis_code,
    coalesce(figures.basis_code = 'derived_from_china_imports', false) as is_circular,
    world.total_t_reo as world_t_reo,
    coalesce(
        {{ settled('listed.listed_t_reo / nullif(world.total_t_reo, 0)') }} >= {{ var('whole_year_from_share') }}, false
    ) as is_whole_year,
    case
        when figures.fact_id is not null then 'held'
        when make_date(years.year, 12, 31) + to_days({{ var('production_calendar')['lag_days'] }}) > years.as_of_day
            then 'not_published_yet'
        else 'not_held'
    end as holding_status
from countries
cross join years
left join figures
    on
        countries.country_code = figures.country_code
        and years.year = figures.year
left join world on years.year = world.year
left join listed on years.year = listed.year
