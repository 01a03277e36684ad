-- Grain: what one release of one edition says of one country's mine production in one year and series.
select
    fact_id,
    source_code,
    edition,
    release,
    known_from,
    known_to,
    known_basis,
    known_to is null as is_latest,
    country_code,
    'calendar_year' as period_type,
    make_date(year, 1, 1) as period_start,
    make_date(year, 12, 31) as period_end,
    year,
    series,
    value_t as production_t_reo,
    value_low_t as production_t_reo_low,
    value_high_t as production_t_reo_high,
    cast(null as double) as production_t_gross,
    value_raw,
    value_status,
    basis_code,
    is_revised
from {{ ref('int_mineral_statistics__stated') }}
where
    measure = 'production'
    and scope = 'country'
