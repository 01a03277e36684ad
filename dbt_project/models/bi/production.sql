-- Grain: one country and calendar year from the first whole year on, and the countries that an edition adds up as one
-- row. Of a year that its countries do not make up, no figure is here: a sum of it would not be the world's.
with calendar as (
    select
        *,
        min(case when is_whole_year then year end) over () as first_whole_year
    from {{ ref('mart_production_by_year') }}
    qualify year >= first_whole_year
),

facts as (
    select * from {{ ref('fct_production') }}
),

others as (
    select * from {{ ref('fct_other_countries_total') }}
    where
        is_latest
        and measure = 'production'
),

whole_years as (
    select distinct
        year,
        source_code,
        edition
    from calendar
    where
        is_whole_year
        and fact_id is not null
),

figures as (
    select
        calendar.period_start,
        calendar.year,
        calendar.country_code,
        calendar.country_name,
        case when calendar.is_whole_year then calendar.production_t_reo end as production_t_reo,
        case
            when calendar.fact_id is not null and not calendar.is_whole_year then 'year_incomplete'
            else coalesce(calendar.production_status, calendar.holding_status)
        end as certainty,
        calendar.basis_code,
        calendar.source_code,
        calendar.edition,
        facts.known_from,
        calendar.fact_id
    from calendar
    left join facts on calendar.fact_id = facts.fact_id
    union all
    select
        others.period_start,
        others.year,
        null as country_code,
        'Other countries' as country_name,
        others.total_t_reo as production_t_reo,
        others.value_status as certainty,
        others.basis_code,
        others.source_code,
        others.edition,
        others.known_from,
        others.fact_id
    from others
    inner join whole_years
        on
            others.year = whole_years.year
            and others.source_code = whole_years.source_code
            and others.edition = whole_years.edition
)

select
    figures.period_start,
    figures.year,
    figures.country_code,
    figures.country_name,
    figures.production_t_reo,
    figures.certainty,
    figures.basis_code,
    sources.title as source_name,
    figures.edition,
    figures.known_from,
    figures.fact_id
from figures
left join {{ ref('dim_source') }} as sources on figures.source_code = sources.source_code
