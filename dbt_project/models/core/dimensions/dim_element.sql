-- Grain: one of the seventeen rare-earth elements.
select
    element_symbol,
    element_name,
    cast(atomic_number as integer) as atomic_number,
    element_group,
    oxide_formula,
    metal_to_reo_factor,
    is_magnet_element
from {{ ref('seed_element') }}
