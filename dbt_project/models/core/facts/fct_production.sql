-- Grain: what one release of one edition says of one country's mine production in one year and series.
with production as (
    select
        {{ statement_columns() }},
        country_code,
        period_type,
        period_start,
        period_end,
        year,
        series,
        case when unit_basis = 'reo' then value_t end as production_t_reo,
        case when unit_basis = 'reo' then value_low_t end as production_t_reo_low,
        case when unit_basis = 'reo' then value_high_t end as production_t_reo_high,
        case when unit_basis = 'gross' then value_t end as production_t_gross,
        value_raw,
        stated.note,
        value_status,
        basis_code,
        is_revised,
        {{ mark('fct_production', 'is_preferred') }} as is_preferred,
        {{ settled('coalesce(value_low_t, value_t) * factors.factor_low') }} as reo_tonnes_low,
        {{ settled('value_t * factors.factor_central') }} as reo_tonnes_central,
        {{ settled('coalesce(value_high_t, value_t) * factors.factor_high') }} as reo_tonnes_high,
        case when coalesce(value_t, value_low_t, value_high_t) is not null then factors.reo_factor_id end
            as reo_factor_id
    from {{ ref('int_mineral_statistics__stated') }} as stated
    left join {{ ref('dim_reo_factor') }} as factors
        on
            factors.reo_factor_id = case
                when stated.unit_basis = 'reo' then 'publisher_reo'
                when stated.series = 'rare_earth_minerals/monazite' then 'material:monazite'
            end
    where
        measure = 'production'
        and scope = 'country'
)

{{ named('production', ['country_code']) }}
