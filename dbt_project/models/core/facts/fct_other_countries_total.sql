-- Grain: what one release of one edition prints as the total of the countries it does not list, for one measure and
-- year.
select
    {{ statement_columns() }},
    measure,
    period_type,
    period_start,
    period_end,
    year,
    series,
    value_t as total_t_reo,
    value_low_t as total_t_reo_low,
    value_high_t as total_t_reo_high,
    value_raw,
    value_status,
    basis_code,
    is_revised,
    note
from {{ ref('int_mineral_statistics__stated') }}
where scope = 'other_countries'
