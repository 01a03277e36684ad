-- Grain: one product: an international HS code, or a line of one country's national schedule. A national line that
-- reports name and the list of products does not describe is there too, under its six-digit code and marked so.
with described as (
    select * from {{ ref('seed_product') }}
),

code_validity as (
    select * from {{ ref('seed_product_validity') }}
),

schedules as (
    select * from {{ ref('seed_national_schedule') }}
),

trade_rows as (
    select * from {{ ref('int_trade__rows') }}
),

reported_lines as (
    select distinct
        product_key,
        hs_code
    from trade_rows
    where code_country is not null
),

undescribed as (
    select
        reported_lines.product_key,
        parents.product_key as parent_key,
        parents.stage_code
    from reported_lines
    inner join described as parents on 'HS:' || left(reported_lines.hs_code, 6) = parents.product_key
    left join described on reported_lines.product_key = described.product_key
    where described.product_key is null
),

products as (
    select
        product_key,
        description,
        stage_code,
        stage_confidence,
        caveat,
        parent_key,
        element_symbol,
        cast(null as varchar) as validity_note
    from described
    union all
    select
        product_key,
        'National line not described here yet' as description,
        stage_code,
        'low' as stage_confidence,
        'Look its meaning up in the national tariff before use' as caveat,
        parent_key,
        cast(null as varchar) as element_symbol,
        'Seen in a report; since when it is valid is not known' as validity_note
    from undescribed
),

coded as (
    select
        *,
        split_part(product_key, ':', 2) as hs_code,
        nullif(split_part(product_key, ':', 1), 'HS') as code_country
    from products
)

select
    coded.product_key,
    coded.hs_code,
    case when coded.code_country is null then 'HS' else 'NATIONAL' end || length(coded.hs_code) as code_level,
    coded.code_country,
    coded.description,
    coded.stage_code,
    coded.stage_confidence,
    coded.caveat,
    coded.parent_key,
    coded.element_symbol,
    code_validity.valid_from,
    code_validity.valid_to,
    coalesce(coded.validity_note, code_validity.validity_note, schedules.validity_note) as validity_note
from coded
left join code_validity on coded.product_key = code_validity.product_key
left join schedules on coded.code_country = schedules.code_country
