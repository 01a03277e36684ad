-- Grain: one factor, tonnes of rare-earth oxide per tonne of a good, with its bounds and what it rests on.
select
    reo_factor_id,
    applies_to,
    product_key,
    material,
    factor_low,
    factor_central,
    factor_high,
    factor_basis,
    low_formula,
    high_formula,
    elements,
    citation,
    note
from {{ ref('seed_reo_factor') }}
