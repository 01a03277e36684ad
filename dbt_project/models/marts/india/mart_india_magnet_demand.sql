-- Grain: one use and class in one period, by one cited intensity, or without one where none is held. What is missing is
-- named; nothing is assumed in its place.
-- noqa: disable=LT02
with deployments as (
    select * from {{ ref('fct_deployment') }}
    where is_latest and country_code = 'IND'
),

intensities as (
    select * from {{ ref('dim_magnet_intensity') }}
),

-- uses of which an intensity is held and no deployment: a row for each fiscal year that the deployments have
periods as (
    select distinct
        period_type,
        period_start,
        period_end
    from deployments
    where period_type = 'fiscal_year'
),

rows_of_deployments as (
    select
        deployments.magnet_use,
        deployments.use_class,
        deployments.deployed_unit,
        deployments.period_type,
        deployments.period_start,
        deployments.period_end,
        deployments.fact_id as deployment_fact_id,
        deployments.deployed,
        intensities.intensity_id
    from deployments
    left join intensities
        on
            deployments.magnet_use = intensities.magnet_use
            and deployments.use_class = intensities.use_class
            and deployments.deployed_unit = intensities.deployed_unit
),

rows_without_deployment as (
    select
        intensities.magnet_use,
        intensities.use_class,
        intensities.deployed_unit,
        periods.period_type,
        periods.period_start,
        periods.period_end,
        cast(null as varchar) as deployment_fact_id,
        cast(null as double) as deployed,
        intensities.intensity_id
    from intensities
    cross join periods
    where not exists (
        select 1
        from deployments
        where
            deployments.magnet_use = intensities.magnet_use
            and deployments.use_class = intensities.use_class
            and deployments.deployed_unit = intensities.deployed_unit
            and deployments.period_type = periods.period_type
            and deployments.period_start = periods.period_start
    )
),

combined as (
    select * from rows_of_deployments
    union all
    select * from rows_without_deployment
),

counted as (
    select
        *,
        case when deployed_unit = 'vehicles' then {{ var('vehicles_of_an_intensity') }} end as vehicles
    from combined
),

published as (
    select
        'IND' as country_code,
        counted.magnet_use,
        counted.use_class,
        counted.deployed_unit,
        counted.intensity_id,
        counted.period_type,
        counted.period_start,
        counted.period_end,
        counted.deployment_fact_id,
        case when counted.deployed is null then 'not_held' else 'held' end as deployment_availability,
        counted.deployed,
        case when counted.intensity_id is null then 'not_held' else 'held' end as intensity_availability,
        intensities.intensity_kg_low,
        intensities.intensity_kg_central,
        intensities.intensity_kg_high,
        case
            when counted.deployed is null or counted.intensity_id is null then 'not_held'
            else 'held'
        end as demand_availability,
        case
            when counted.deployed is not null and counted.intensity_id is not null then 'none'
            when counted.deployed is not null then 'intensity'
            when counted.intensity_id is not null then 'deployment'
            else 'both'
        end as missing_input,
        {%- for bound in ['low', 'central', 'high'] %}
        {{ settled('counted.deployed * intensities.intensity_kg_' ~ bound ~ ' / 1000') }}
            as magnet_demand_t_{{ bound }},
        {%- endfor %}
        {%- for bound in ['low', 'central', 'high'] %}
        {{ settled('counted.vehicles * intensities.intensity_kg_' ~ bound ~ ' / 1000') }}
            as magnet_t_per_100000_vehicles_{{ bound }},
        {%- endfor %}
        intensities.citation
    from counted
    left join intensities on counted.intensity_id = intensities.intensity_id
)

{{ named('published', ['country_code']) }}
