-- Grain: one product: an international HS code, or a national line of one country. A national line that reports name
-- and the list of products does not describe is there too, under its six-digit code and marked so.
with described as (
    select * from {{ ref('seed_product') }}
),

undescribed as (
    select distinct
        product_key,
        hs_code
    from {{ ref('int_trade__rows') }}
    where
        code_country is not null
        and product_key not in (select described.product_key from described)
)

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
from described
union all
select
    undescribed.product_key,
    undescribed.hs_code,
    'HS' || length(undescribed.hs_code) as code_level,
    left(undescribed.product_key, 2) as code_country,
    'National line not described here yet' as description,
    parents.stage_code,
    'low' as stage_confidence,
    'Look its meaning up in the national tariff before use' as caveat,
    parents.product_key as parent_key,
    cast(null as varchar) as element_symbol
from undescribed
inner join described as parents on 'HS:' || left(undescribed.hs_code, 6) = parents.product_key
