-- Grain: one use and class in one period, by one cited intensity, or without one where none is held. What is missing is
-- named; nothing is assumed in its place.
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

-- per unit put to use, whether anything is held of it or not
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

published as (
    select
        'IND' as country_code,
        combined.magnet_use,
        combined.use_class,
        combined.deployed_unit,
        combined.intensity_id,
        combined.period_type,
        combined.period_start,
        combined.period_end,
        combined.deployment_fact_id,
        case when combined.deployed is null then 'not_held' else 'held' end as deployment_availability,
        combined.deployed,
        case when combined.intensity_id is null then 'not_held' else 'held' end as intensity_availability,
        intensities.intensity_kg_low,
        intensities.intensity_kg_central,
        intensities.intensity_kg_high,
        intensities.citation,
        case
            when combined.deployed is null or combined.intensity_id is null then 'not_held'
            else 'held'
        end as demand_availability,
        case
            when combined.deployed is not null and combined.intensity_id is not null then 'none'
            when combined.deployed is not null then 'intensity'
            when combined.intensity_id is not null then 'deployment'
            else 'both'
        end as missing_input,
        {%- for bound in ['low', 'central', 'high'] %}
        {{ settled('combined.deployed * intensities.intensity_kg_' ~ bound ~ ' / 1000') }} as magnet_demand_t_{{ bound }},
        {%- endfor %}
        {%- for bound in ['low', 'central', 'high'] %}
        case
            when combined.deployed_unit = 'vehicles'
                then {{ settled('100000 * intensities.intensity_kg_' ~ bound ~ ' / 1000') }}
        end as magnet_t_per_100000_vehicles_{{ bound }}{{ "," if not loop.last }}
        {%- endfor %}
    from combined
    left join intensities on combined.intensity_id = intensities.intensity_id
)

{{ named('published', ['country_code']) }}
