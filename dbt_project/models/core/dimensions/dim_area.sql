-- Grain: one area: a country, a former country, a group, or a special area of the trade statistics.
select
    area_code,
    area_name,
    area_type,
    iso2_code,
    m49_code,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to,
    is_eu_member
from {{ ref('seed_area') }}
