-- Grain: one product: an international HS code, or a national line of one country.
select
    product_key,
    hs_code,
    code_level,
    code_country,
    description,
    stage_code,
    stage_confidence,
    caveat,
    parent_key,
    element_symbol
from {{ ref('seed_product') }}
