-- Grain: what one release of one edition prints as the world total, or as "other countries", of one measure and year.
select
    fact_id,
    source_code,
    edition,
    release,
    known_from,
    known_to,
    known_basis,
    known_to is null as is_latest,
    measure,
    scope,
    year,
    series,
    value_t as total_t_reo,
    value_low_t as total_t_reo_low,
    value_high_t as total_t_reo_high,
    value_raw,
    note,
    value_status,
    basis_code,
    is_revised,
    {{ is_preferred_production('measure, year') }} as is_preferred
from {{ ref('int_mineral_statistics__stated') }}
where scope in ('world', 'other_countries')
