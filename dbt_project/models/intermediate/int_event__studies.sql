-- Grain: one study: a policy date × a monthly series with China on one side. Several instruments of a date share one.
-- `has_unaffected` is false where a country's own step falls on its exports to every partner alike.
with dates as (
    select
        event_date,
        string_agg(event_id, '; ' order by event_id) as event_ids,
        string_agg(distinct direction, '; ' order by direction) as directions,
        list(distinct actor) as actors,
        bool_and(event_type like 'technology%') as is_on_technology_only
    from {{ ref('dim_policy_event') }}
    where date_precision in ('day', 'month')
    group by event_date
),

series as (
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        max(placebo_basis) as placebo_basis,
        min(month) as first_month,
        max(month) as last_month
    from {{ ref('int_event__months') }}
    group by source_code, reporter_code, partner_code, flow, product_key
),

set_aside as (
    select * from {{ ref('int_trade__china_months') }}
    where month_status = 'set_aside'
)

select
    dates.event_date,
    dates.event_ids,
    dates.directions,
    dates.is_on_technology_only,
    series.source_code,
    series.reporter_code,
    series.partner_code,
    series.flow,
    series.product_key,
    series.placebo_basis,
    series.first_month,
    series.last_month,
    series.flow <> 'export' or not list_contains(dates.actors, areas.iso2_code) as has_unaffected,
    (
        select count(*)
        from dates as others
        where
            others.event_date <> dates.event_date
            and date_trunc('month', others.event_date) >= date_trunc('month', dates.event_date) - to_months(6)
            and date_trunc('month', others.event_date) <= date_trunc('month', dates.event_date) + to_months(6)
    ) as n_other_dates,
    (
        select count(*)
        from set_aside
        where
            set_aside.source_code = series.source_code
            and set_aside.reporter_code = series.reporter_code
            and set_aside.partner_code = series.partner_code
            and set_aside.flow = series.flow
            and set_aside.product_key = series.product_key
            and set_aside.period_start >= date_trunc('month', dates.event_date) - to_months(6)
            and set_aside.period_start <= date_trunc('month', dates.event_date) + to_months(6)
    ) as n_months_set_aside
from dates
cross join series
inner join {{ ref('dim_area') }} as areas on series.reporter_code = areas.area_code
