-- A code holds the goods of its lines: no line can hold more or less oxide than its code allows.
select
    products.product_key,
    products.parent_key
from {{ ref('dim_product') }} as products
inner join {{ ref('int_products__reo_factors') }} as own on products.product_key = own.product_key
inner join {{ ref('int_products__reo_factors') }} as parents on products.parent_key = parents.product_key
where
    own.factor_low < parents.factor_low
    or own.factor_high > parents.factor_high
union all
select
    product_key,
    reo_factor_id as parent_key
from {{ ref('int_products__reo_factors') }}
where
    reo_factor_id is null
    or factor_low > factor_high
    or factor_central not between factor_low and factor_high
