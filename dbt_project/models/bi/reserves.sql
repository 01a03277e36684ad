-- Grain: one country, its reserves by the newest edition, and the countries that the edition adds up as one row.
with current_reserves as (
    select * from {{ ref('fct_reserves') }}
    where is_current
),

editions as (
    select distinct
        source_code,
        edition,
        as_of_year
    from current_reserves
),

figures as (
    select
        period_start,
        as_of_year as year,
        country_code,
        country_name,
        reserves_t_reo,
        value_status as certainty,
        reason_code,
        source_code,
        edition,
        known_from,
        fact_id
    from current_reserves
    union all
    select
        others.period_start,
        others.year,
        null as country_code,
        'Other countries' as country_name,
        others.total_t_reo as reserves_t_reo,
        others.value_status as certainty,
        null as reason_code,
        others.source_code,
        others.edition,
        others.known_from,
        others.fact_id
    from {{ ref('fct_other_countries_total') }} as others
    inner join editions
        on
            others.source_code = editions.source_code
            and others.edition = editions.edition
            and others.year = editions.as_of_year
    where
        others.is_latest
        and others.measure = 'reserves'
)

select
    figures.period_start,
    figures.year,
    figures.country_code,
    figures.country_name,
    figures.reserves_t_reo,
    figures.certainty,
    figures.reason_code,
    sources.title as source_name,
    figures.edition,
    figures.known_from,
    figures.fact_id
from figures
inner join {{ ref('dim_source') }} as sources on figures.source_code = sources.source_code
