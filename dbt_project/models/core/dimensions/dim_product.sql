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
    described.product_key,
    hs_code,
    code_level,
    code_country,
    description,
    stage_code,
    stage_confidence,
    caveat,
    parent_key,
    element_symbol,
    validity.valid_from,
    validity.valid_to,
    case
        when validity.product_key is not null then validity.validity_note
        when code_country = 'CN' then 'As China''s schedule on HS 2012 lists it; since when is not known'
        when code_country = 'IN' then 'As TradeStat listed it in 2026; since when is not known'
    end as validity_note
from described
left join {{ ref('seed_product_validity') }} as validity on described.product_key = validity.product_key
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
    cast(null as varchar) as element_symbol,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    'Seen in a report; since when it is valid is not known' as validity_note
from undescribed
inner join described as parents on 'HS:' || left(undescribed.hs_code, 6) = parents.product_key
