-- Grain: one reporter × partner × flow × product × calendar year of the calendar of what is held. Of heading 2846 and
-- its two codes the heading alone is counted.
with calendar as (
    select * from {{ ref('mart_coverage_calendar') }}
    where period_type = 'calendar_year'
),

products as (
    select * from {{ ref('dim_product') }}
    where
        product_key not in (
            select parts.product_key
            from {{ ref('dim_product') }} as parts
            inner join calendar on parts.parent_key = calendar.product_key
        )
)

select
    calendar.period_start,
    cast(year(calendar.period_start) as integer) as year,
    calendar.reporter_code,
    calendar.reporter_name,
    calendar.partner_code,
    calendar.partner_name,
    calendar.flow,
    calendar.product_key,
    products.description as product_description,
    cast(calendar.holding_status = 'held' as integer) as n_held,
    1 as n_wanted,
    calendar.has_value,
    calendar.has_weight,
    calendar.holding_status
from calendar
inner join products on calendar.product_key = products.product_key
