-- Grain: what one release of one edition says of one country's mine production in one year and series.
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
    value_status,
    basis_code,
    is_revised,
    {{ is_preferred_production('year') }} as is_preferred
from {{ ref('int_mineral_statistics__stated') }}
where
    measure = 'production'
    and scope = 'country'
