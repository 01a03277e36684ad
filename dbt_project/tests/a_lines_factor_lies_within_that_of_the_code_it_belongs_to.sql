-- A code holds the goods of its lines: no line can hold more or less oxide than its code allows.
select
    products.product_key,
    products.parent_key
from {{ ref('dim_product') }} as products
inner join {{ ref('int_products__reo_factors') }} as own on products.product_key = own.product_key
inner join {{ ref('int_products__reo_factors') }} as parents on products.parent_key = parents.product_key
where
    {{ exceeds('parents.factor_low', 'own.factor_low') }}
    or {{ exceeds('own.factor_high', 'parents.factor_high') }}
union all
select
    product_key,
    reo_factor_id as parent_key
from {{ ref('int_products__reo_factors') }}
where
    reo_factor_id is null
    or {{ exceeds('factor_low', 'factor_high') }}
    or {{ exceeds('factor_low', 'factor_central') }}
    or {{ exceeds('factor_central', 'factor_high') }}
