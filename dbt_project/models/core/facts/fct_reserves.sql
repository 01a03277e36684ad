-- Grain: what one release of one edition says of one country's reserves as of one year.
with reserves as (
    select * from {{ ref('int_mineral_statistics__stated') }}
    where
        measure = 'reserves'
        and scope = 'country'
)

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
    year as as_of_year,
    value_t as reserves_t_reo,
    value_low_t as reserves_t_reo_low,
    value_high_t as reserves_t_reo_high,
    value_raw,
    note,
    value_status,
    basis_code,
    is_revised,
    known_to is null
    and coalesce(edition, '') = first_value(coalesce(edition, '')) over (
        partition by source_code
        order by known_from desc, load_order desc
    ) as is_current
from reserves
