-- Grain: one calendar year of China's exports of one six-digit code of magnets by China's own report, with whether its
-- buyers add up to the printed total (has_values), and whether they have reported weights as well (has_weights).
with buyers as (
    select * from {{ ref('trade_preferred_all_levels') }}
    where
        reporter_code = 'CHN'
        and flow = 'export'
        and period_type = 'calendar_year'
        and product_key in ({{ quoted(var('magnet_codes')) }})
),

totals as (
    select * from {{ ref('fct_trade_total') }}
    where
        reporter_code = 'CHN'
        and partner_code = 'WLD'
        and flow = 'export'
        and period_type = 'calendar_year'
        and is_preferred
),

listings as (
    select
        product_key,
        period_start,
        {{ exact_sum('value_usd') }} as listed_usd,
        coalesce({{ exact_sum('value_usd', where="weight_status = 'reported'") }}, 0) as weighed_usd
    from buyers
    group by product_key, period_start
)

select
    listings.product_key,
    listings.period_start,
    coalesce(
        abs(listings.listed_usd - totals.value_usd) <= {{ var('whole_listing_within') }} * totals.value_usd, false
    ) as has_values,
    has_values
    and listings.listed_usd - listings.weighed_usd <= {{ var('whole_listing_within') }} * listings.listed_usd
        as has_weights
from listings
left join totals
    on
        listings.product_key = totals.product_key
        and listings.period_start = totals.period_start
