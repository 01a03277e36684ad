-- Grain: one country × calendar year of the quotas for all rare earths together, from the first year that has one on.
-- Mining and smelting quotas are of the same material and stand in columns of their own.
with quotas as (
    select * from {{ ref('fct_quota') }}
    where
        is_latest
        and batch = 'year'
        and earths = 'all'
),

countries as (
    select
        country_code,
        country_name,
        min(year) as first_year
    from quotas
    group by
        country_code,
        country_name
),

years as (
    select
        countries.*,
        periods.period_start,
        cast(year(periods.period_start) as integer) as year
    from countries
    cross join {{ ref('dim_period') }} as periods
    cross join {{ ref('stg_ledger__as_of') }} as release
    where
        periods.period_type = 'calendar_year'
        and year(periods.period_start) >= countries.first_year
        and periods.period_start <= release.as_of_day
)

select
    years.period_start,
    years.year,
    years.country_code,
    years.country_name,
    mining.quota_t_reo as mining_quota_t_reo,
    smelting.quota_t_reo as smelting_quota_t_reo,
    coalesce(mining.value_status, 'not_held') as certainty,
    coalesce(smelting.value_status, 'not_held') as smelting_certainty,
    sources.title as source_name,
    mining.page_url,
    mining.known_from,
    mining.fact_id,
    smelting.fact_id as smelting_fact_id
from years
left join quotas as mining
    on
        years.country_code = mining.country_code
        and years.year = mining.year
        and mining.quota_type = 'mining'
left join quotas as smelting
    on
        years.country_code = smelting.country_code
        and years.year = smelting.year
        and smelting.quota_type = 'smelting_separation'
left join {{ ref('dim_source') }} as sources
    on coalesce(mining.source_code, smelting.source_code) = sources.source_code
