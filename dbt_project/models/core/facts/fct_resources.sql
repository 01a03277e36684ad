-- Grain: what one release says of one in-situ resource: country × region × deposit × substance × as-of day.
with resources as (
    select
        *,
        max(as_of_end) over (
            partition by source_code, country_code, region_label, deposit, substance, known_to is null
        ) as newest_as_of_end
    from {{ ref('int_resources__stated') }}
)

select
    {{ statement_columns() }},
    country_code,
    region_code,
    region_label as region_name,
    deposit,
    substance,
    as_of_start,
    as_of_end,
    case when substance = 'reo' then value_t end as resources_t_reo,
    case when substance = 'reo' then value_low_t end as resources_t_reo_low,
    case when substance = 'reo' then value_high_t end as resources_t_reo_high,
    case when substance = 'monazite' then value_t end as resources_t_monazite,
    value_rounding_t,
    value_raw,
    value_status,
    basis_code,
    is_revised,
    page_url,
    known_to is null and as_of_end = newest_as_of_end as is_current
from resources
