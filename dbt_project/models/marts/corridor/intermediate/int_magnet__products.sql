-- Grain: one product of mart_magnet_trade: a six-digit code of magnets, or a national line under one. A line that adds
-- only zeros to the six digits is all of the code.
with products as (
    select * from {{ ref('dim_product') }}
    where
        product_key in ({{ quoted(var('magnet_codes')) }})
        or parent_key in ({{ quoted(var('magnet_codes')) }})
)

select
    product_key,
    left(hs_code, 6) as scope_code,
    case
        when rtrim(hs_code, '0') = rtrim(left(hs_code, 6), '0') then 'whole_code'
        else 'part_of_code'
    end as product_scope
from products
