-- is_latest is purely temporal: one row per source and measured thing.
select
    source_code,
    country_code,
    year,
    series,
    count(*) as n_latest
from {{ ref('fct_production') }}
where is_latest
group by source_code, country_code, year, series
having count(*) > 1
