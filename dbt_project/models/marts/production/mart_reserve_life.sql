-- Grain: one country in one edition from a day on which the edition changed: reserves against mine production of the
-- newest year it prints.
with in_editions as (
    select * from {{ ref('int_edition__statements') }}
),

production as (
    select
        facts.* exclude (known_from),
        in_editions.known_from
    from {{ ref('fct_production') }} as facts
    inner join in_editions on facts.fact_id = in_editions.fact_id
    qualify row_number() over (
        partition by facts.source_code, facts.edition, in_editions.known_from, facts.country_code, facts.series
        order by facts.year desc
    ) = 1
),

reserves as (
    select
        facts.* exclude (release, known_from, is_current),
        in_editions.release,
        in_editions.known_from,
        facts.is_current and in_editions.is_newest_of_edition as is_current
    from {{ ref('fct_reserves') }} as facts
    inner join in_editions on facts.fact_id = in_editions.fact_id
)

select
    reserves.source_code,
    reserves.edition,
    reserves.release,
    reserves.known_from,
    reserves.country_code,
    areas.area_name as country_name,
    reserves.period_type,
    reserves.period_start,
    reserves.period_end,
    reserves.as_of_year as reserves_year,
    reserves.reserves_t_reo,
    reserves.value_status as reserves_status,
    reserves.reason_code as reserves_reason_code,
    production.year as production_year,
    production.production_t_reo,
    coalesce(production.value_status, 'not_available') as production_status,
    coalesce(production.basis_code = 'derived_from_china_imports', false) as is_circular,
    {{ settled(
        'coalesce(reserves.reserves_t_reo, reserves.reserves_t_reo_low) / nullif(production.production_t_reo, 0)'
    ) }} as reserve_life_years,
    case
        when reserves.reserves_t_reo is null and reserves.reserves_t_reo_low is null then 'no_reserves_figure'
        when production.production_t_reo is null then 'no_production_figure'
        when production.production_t_reo = 0 then 'no_production'
        when reserves.reserves_t_reo is null then 'at_least'
        else 'computed'
    end as life_status,
    reserves.is_current
from reserves
inner join {{ ref('dim_area') }} as areas on reserves.country_code = areas.area_code
left join production
    on
        reserves.source_code = production.source_code
        and reserves.edition = production.edition
        and reserves.known_from = production.known_from
        and reserves.country_code = production.country_code
