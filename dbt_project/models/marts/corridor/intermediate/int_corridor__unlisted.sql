-- Grain: one India–China flow that a whole listing of a side leaves out: exporter × importer × product × period. It
-- traded nothing, or at most `value_high_usd`: what the listing's total leaves for partners that it does not list. A
-- listing of values or of weights alone says so of these alone.
with pair as (
    select
        sides.reporter_code,
        sides.partner_code
    from (values ('IND', 'CHN'), ('CHN', 'IND')) as sides (reporter_code, partner_code)
),

whole_listings as (
    select
        listings.reporter_code,
        pair.partner_code,
        listings.flow,
        listings.product_key,
        listings.period_type,
        listings.period_start,
        0 as value_usd,
        listings.unlisted_high_usd as value_high_usd,
        0 as weight_kg
    from {{ ref('int_trade__whole_listings') }} as listings
    inner join pair on listings.reporter_code = pair.reporter_code
),

months as (
    select
        months.reporter_code,
        months.partner_code,
        months.flow,
        months.product_key,
        'month' as period_type,
        months.period_start,
        months.value_usd,
        case when months.value_usd is not null then months.value_rounding_usd end as value_high_usd,
        months.net_weight_kg as weight_kg
    from {{ ref('int_trade__china_months') }} as months
    inner join pair
        on
            months.reporter_code = pair.reporter_code
            and months.partner_code = pair.partner_code
    where
        months.month_status = 'unlisted'
        and coalesce(months.value_usd, months.net_weight_kg) is not null
),

unlisted as (
    select * from whole_listings
    union all
    select * from months
)

select
    case flow when 'export' then reporter_code else partner_code end as exporter_code,
    case flow when 'export' then partner_code else reporter_code end as importer_code,
    product_key,
    period_type,
    period_start,
    max(value_usd) as value_usd,
    min(value_high_usd) as value_high_usd,
    max(weight_kg) as weight_kg
from unlisted
group by exporter_code, importer_code, product_key, period_type, period_start
