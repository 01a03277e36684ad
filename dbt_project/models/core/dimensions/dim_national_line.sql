-- Grain: one national tariff line of one country, with its meaning there, the international code it belongs to, and
-- what the same digits mean elsewhere.
with products as (
    select * from {{ ref('dim_product') }}
),

areas as (
    select * from {{ ref('dim_area') }}
),

schedules as (
    select * from {{ ref('seed_national_schedule') }}
),

described as (
    select * from {{ ref('seed_product') }}
),

flows as (
    select * from {{ ref('fct_trade_flow') }}
),

totals as (
    select * from {{ ref('fct_trade_total') }}
),

lines as (
    select * from products
    where code_country is not null
),

reports as (
    select
        product_key,
        period_start,
        period_end
    from flows
    union all
    select
        product_key,
        period_start,
        period_end
    from totals
),

reported as (
    select
        product_key,
        min(period_start) as first_reported,
        max(period_end) as last_reported
    from reports
    group by product_key
),

elsewhere as (
    select
        lines.product_key,
        string_agg(others.product_key, ', ' order by others.product_key) as same_digits_keys,
        string_agg(others.code_country || ': ' || others.description, '; ' order by others.product_key)
            as same_digits_mean
    from lines
    inner join lines as others
        on
            lines.hs_code = others.hs_code
            and lines.code_country <> others.code_country
    group by lines.product_key
)

select
    lines.product_key,
    areas.area_code as country_code,
    lines.code_country,
    lines.hs_code,
    lines.code_level,
    lines.description,
    coalesce(international.product_key, lines.parent_key) as parent_key,
    lines.stage_code,
    lines.stage_confidence,
    lines.element_symbol,
    lines.caveat,
    lines.valid_from,
    lines.valid_to,
    lines.validity_note,
    case when described.product_key is not null then schedules.label_hs_revision end as label_hs_revision,
    reported.first_reported,
    reported.last_reported,
    elsewhere.same_digits_keys,
    elsewhere.same_digits_mean
from lines
inner join areas
    on
        lines.code_country = areas.iso2_code
        and areas.area_type = 'country'
left join schedules on lines.code_country = schedules.code_country
left join described on lines.product_key = described.product_key
left join products as international on 'HS:' || left(lines.hs_code, 6) = international.product_key
left join reported on lines.product_key = reported.product_key
left join elsewhere on lines.product_key = elsewhere.product_key
