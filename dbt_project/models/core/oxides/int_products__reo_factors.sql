-- Grain: one product, with the factor that turns its weight into rare-earth oxide: its own, or that of the
-- international code it belongs to where the line is not described yet.
with products as (
    select * from {{ ref('dim_product') }}
),

factors as (
    select * from {{ ref('dim_reo_factor') }}
)

select
    products.product_key,
    coalesce(own.reo_factor_id, parents.reo_factor_id) as reo_factor_id,
    coalesce(own.factor_low, parents.factor_low) as factor_low,
    case when own.reo_factor_id is null then parents.factor_central else own.factor_central end as factor_central,
    coalesce(own.factor_high, parents.factor_high) as factor_high
from products
left join factors as own on products.product_key = own.product_key
left join factors as parents on products.parent_key = parents.product_key
