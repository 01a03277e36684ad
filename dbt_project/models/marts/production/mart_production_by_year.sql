-- Grain: one country and calendar year from the first year of the calendar on: the preferred figure of mine production,
-- or a row that says why there is none. Countries are those with a figure in any year.
with figures as (
    select * from {{ ref('fct_production') }}
    where
        is_latest
        and is_preferred
        and period_type = 'calendar_year'
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
