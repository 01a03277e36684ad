-- Grain: China's or India's production or reserves of one year, as one edition has it from a day on which it changed.
with in_editions as (
    select * from {{ ref('int_edition__statements') }}
),

facts as (
    select
        fact_id,
        source_code,
        edition,
        is_latest,
        'production' as measure,
        country_code,
        year,
        series,
        production_t_reo as value_t_reo,
        value_status,
        basis_code,
        cast(null as varchar) as reason_code
    from {{ ref('fct_production') }}
    union all
    select
        fact_id,
        source_code,
        edition,
        is_latest,
        'reserves' as measure,
        country_code,
        as_of_year as year,
        'reserves' as series,
        reserves_t_reo as value_t_reo,
        value_status,
        basis_code,
        reason_code
    from {{ ref('fct_reserves') }}
),

statements as (
    select
        facts.* exclude (is_latest),
        in_editions.release,
        in_editions.known_from,
        facts.is_latest and in_editions.is_newest_of_edition as is_latest
    from facts
    inner join in_editions on facts.fact_id = in_editions.fact_id
),

added as (
    select
        source_code,
        edition,
        known_from,
        measure,
        year,
        series,
        {{ exact_sum('value_t_reo') }} as countries_t_reo,
        coalesce({{ exact_sum('value_t_reo', where="basis_code = 'derived_from_china_imports'") }}, 0)
            as circular_t_reo,
        count(value_t_reo) as n_countries
    from statements
    group by source_code, edition, known_from, measure, year, series
),

worlds as (
    select
        totals.* exclude (known_from),
        in_editions.known_from
    from {{ ref('fct_world_total') }} as totals
    inner join in_editions on totals.fact_id = in_editions.fact_id
),

others as (
    select
        totals.* exclude (known_from),
        in_editions.known_from
    from {{ ref('fct_other_countries_total') }} as totals
    inner join in_editions on totals.fact_id = in_editions.fact_id
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
    {{ calendar_year_columns('statements.year') }},
    statements.year,
    statements.series,
    statements.value_t_reo,
    statements.value_status,
    statements.basis_code,
    statements.reason_code,
    added.countries_t_reo,
    cast(added.n_countries as integer) as n_countries,
    others.total_t_reo as other_countries_t_reo,
    worlds.total_t_reo as printed_world_t_reo,
    worlds.total_t_reo_low as printed_world_t_reo_low,
    worlds.value_status as printed_world_status,
    {{ settled('statements.value_t_reo / nullif(added.countries_t_reo, 0)') }} as share_of_countries,
    {{ settled('added.circular_t_reo / nullif(added.countries_t_reo, 0)') }} as circular_share,
    added.circular_t_reo > 0 as is_circular,
    {{ settled('statements.value_t_reo / nullif(worlds.total_t_reo, 0)') }} as share_of_printed_world
from statements
inner join added
    on
        statements.source_code = added.source_code
        and coalesce(statements.edition, '') = coalesce(added.edition, '')
        and statements.known_from = added.known_from
        and statements.measure = added.measure
        and statements.year = added.year
        and statements.series = added.series
left join worlds
    on
        statements.source_code = worlds.source_code
        and coalesce(statements.edition, '') = coalesce(worlds.edition, '')
        and statements.known_from = worlds.known_from
        and statements.measure = worlds.measure
        and statements.year = worlds.year
        and statements.series = worlds.series
left join others
    on
        statements.source_code = others.source_code
        and coalesce(statements.edition, '') = coalesce(others.edition, '')
        and statements.known_from = others.known_from
        and statements.measure = others.measure
        and statements.year = others.year
        and statements.series = others.series
inner join {{ ref('dim_area') }} as areas on statements.country_code = areas.area_code
where statements.country_code in ('CHN', 'IND')
