-- Grain: China's or India's production or reserves of one year, as one release of one edition has it.
with statements as (
    select
        fact_id,
        source_code,
        edition,
        release,
        known_from,
        is_latest,
        'production' as measure,
        country_code,
        year,
        series,
        production_t_reo as value_t_reo,
        value_status,
        basis_code
    from {{ ref('fct_production') }}
    union all
    select
        fact_id,
        source_code,
        edition,
        release,
        known_from,
        is_latest,
        'reserves' as measure,
        country_code,
        as_of_year as year,
        'reserves' as series,
        reserves_t_reo as value_t_reo,
        value_status,
        basis_code
    from {{ ref('fct_reserves') }}
),

added as (
    select
        source_code,
        edition,
        release,
        known_from,
        measure,
        year,
        series,
        {{ exact_sum('value_t_reo') }} as countries_t_reo,
        count(value_t_reo) as n_countries
    from statements
    group by source_code, edition, release, known_from, measure, year, series
),

printed as (
    select
        source_code,
        edition,
        release,
        known_from,
        measure,
        year,
        series,
        max(case when scope = 'world' then total_t_reo end) as printed_world_t_reo,
        max(case when scope = 'world' then total_t_reo_low end) as printed_world_t_reo_low,
        max(case when scope = 'world' then value_status end) as printed_world_status,
        max(case when scope = 'other_countries' then total_t_reo end) as other_countries_t_reo
    from {{ ref('fct_world_total') }}
    group by source_code, edition, release, known_from, measure, year, series
)

select
    statements.fact_id,
    statements.source_code,
    statements.edition,
    statements.release,
    statements.known_from,
    statements.is_latest,
    statements.measure,
    statements.country_code,
    areas.area_name as country_name,
    statements.year,
    statements.series,
    statements.value_t_reo,
    statements.value_status,
    statements.basis_code,
    added.countries_t_reo,
    cast(added.n_countries as integer) as n_countries,
    printed.other_countries_t_reo,
    printed.printed_world_t_reo,
    printed.printed_world_t_reo_low,
    printed.printed_world_status,
    {{ settled('statements.value_t_reo / nullif(added.countries_t_reo, 0)') }} as share_of_countries,
    {{ settled('statements.value_t_reo / nullif(printed.printed_world_t_reo, 0)') }} as share_of_printed_world
from statements
inner join added
    on
        statements.source_code = added.source_code
        and coalesce(statements.edition, '') = coalesce(added.edition, '')
        and statements.release = added.release
        and statements.known_from = added.known_from
        and statements.measure = added.measure
        and statements.year = added.year
        and statements.series = added.series
left join printed
    on
        statements.source_code = printed.source_code
        and coalesce(statements.edition, '') = coalesce(printed.edition, '')
        and statements.release = printed.release
        and statements.known_from = printed.known_from
        and statements.measure = printed.measure
        and statements.year = printed.year
        and statements.series = printed.series
inner join {{ ref('dim_area') }} as areas on statements.country_code = areas.area_code
where statements.country_code in ('CHN', 'IND')
