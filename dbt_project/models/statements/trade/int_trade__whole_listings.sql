-- Grain: one listing of partners (source × reporter × flow × product × period) that is whole: what they traded adds up
-- to the printed total, so that a partner it does not list traded nothing, or at most what the total leaves for all of
-- them (`unlisted_high_usd`).
{{ config(materialized='incremental') }}
with resolved as (
    select * from {{ of_years(ref('int_trade__resolved')) }}
    where
        known_to is null
        and product_key like 'HS:%'
)

select
    source_code,
    reporter_code,
    flow,
    product_key,
    period_type,
    period_start,
    {{ settled(
        "greatest(" ~ exact_sum('case when is_partner_world then value_usd else -value_usd end') ~ ", 0) + coalesce("
        ~ exact_sum('value_rounding_usd') ~ ", 0)"
    ) }} as unlisted_high_usd
from resolved
group by source_code, listing_id, reporter_code, flow, product_key, period_type, period_start
having
    count(*) filter (where is_partner_world) = 1
    and count(*) > 1
    and count(value_usd) = count(*)
    and abs({{ exact_sum('case when is_partner_world then -value_usd else value_usd end') }})
    <= coalesce({{ exact_sum('value_rounding_usd') }}, 0)
    + {{ var('whole_listing_within') }} * {{ exact_sum('value_usd', where='is_partner_world') }}
