-- Grain: one cited figure of magnets per unit put to use.
select
    intensity_id,
    magnet_use,
    use_class,
    deployed_unit,
    intensity_kg_low,
    intensity_kg_central,
    intensity_kg_high,
    citation,
    source_url,
    note
from {{ ref('seed_magnet_intensity') }}
