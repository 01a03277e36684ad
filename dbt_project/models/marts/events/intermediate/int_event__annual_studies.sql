-- Grain: one study: a pair of years × one code × one target of China's exports (null: every partner). The year before
-- the step's and the year after it; a step of 1 January has its own year after. Where the year before is not held the
-- step's own year takes its place (`is_before_partly_treated`). Steps with the same years share a study.
with events as (
    select * from {{ ref('dim_policy_event') }}
),

bearings as (
    select
        bearings.*,
        events.ended_on,
        cast(year(bearings.event_date) as integer) as step_year
    from {{ ref('int_event__bearings') }} as bearings
    inner join events on bearings.event_id = events.event_id
    where
        bearings.does_bear
        and bearings.reporter_code = 'CHN'
        and bearings.flow = 'export'
),

held as (
    select
        product_key,
        min(year) as first_year,
        max(source_code) as source_code
    from {{ ref('int_event__annual_figures') }}
    group by product_key
),

touched as (
    select distinct event_date
    from bearings
    where product_key = '{{ var('event_annual_comparison') }}'
),

steps as (
    select distinct
        bearings.event_id,
        bearings.event_date,
        bearings.product_key,
        held.source_code,
        case when not bearings.is_on_every_partner then bearings.partner_code end as target_code,
        touched.event_date is null as has_comparison,
        case
            when
                bearings.step_year > held.first_year
                or bearings.event_date = date_trunc('year', bearings.event_date)
                then bearings.step_year - 1
            else bearings.step_year
        end as year_before,
        case
            when bearings.event_date = date_trunc('year', bearings.event_date) then bearings.step_year
            else bearings.step_year + 1
        end as year_after,
        bearings.step_year,
        bearings.ended_on
    from bearings
    inner join held on bearings.product_key = held.product_key
    left join touched on bearings.event_date = touched.event_date
    where bearings.product_key in ({{ quoted(var('event_annual_products')) }})
)

select
    max(source_code) as source_code,
    year_before,
    year_after,
    product_key,
    target_code,
    case
        when target_code is null and bool_and(has_comparison) then '{{ var('event_annual_comparison') }}'
    end as comparison_product_key,
    string_agg(event_id, '; ' order by event_id) as event_ids,
    min(event_date) as event_date,
    bool_or(year_before = step_year) as is_before_partly_treated,
    coalesce(bool_and(year(ended_on) <= year_before), false) as is_over_before_after
from steps
group by year_before, year_after, product_key, target_code
