-- Grain: one study: a policy date × a monthly series with China on one side. Several instruments of a date share one.
-- `has_unaffected` is false where a country's own step falls on its exports to every partner alike. `does_bear` is true
-- where at least one of the date's steps is a measure on goods that names the series' product, a heading above it, a
-- subheading of it, or no code at all; where none is, `not_bearing_reason` says why.
{%- set window_length = 'to_months(' ~ var('event_window_months') ~ ')' %}
with events as (
    select * replace (study_date as event_date)
    from {{ ref('dim_policy_event') }}
    where study_date is not null
),

dates as (
    select
        event_date,
        string_agg(event_id, '; ' order by event_id) as event_ids,
        string_agg(distinct direction, '; ' order by direction) as directions,
        list(distinct actor) as actors
    from events
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

quarantined as (
    select * from {{ ref('int_trade__china_months') }}
    where month_status = 'quarantined'
),

products as (
    select distinct
        product_key,
        split_part(product_key, ':', 2) as hs_code
    from series
),

covered as (
    select
        events.event_id,
        events.event_date,
        events.event_type,
        events.direction,
        events.hs_codes,
        products.product_key,
        list_filter(
            string_split(replace(events.hs_codes, ' ', ''), ';'),
            lambda code: starts_with(code, products.hs_code) or starts_with(products.hs_code, code)
        ) as bearing_codes
    from events
    cross join products
),

judged as (
    select
        event_date,
        product_key,
        concat_ws(
            '; ',
            case when event_type like 'technology%' then 'the step is on technology, not on goods' end,
            case
                when direction = 'information' or event_type = 'statement'
                    then 'the step is information, not a measure'
            end,
            case
                when len(bearing_codes) = 0
                    then 'does not bear on this product: names ' || replace(hs_codes, ';', ', ')
            end
        ) as not_bearing_reason
    from covered
),

bearings as (
    select
        event_date,
        product_key,
        bool_or(not_bearing_reason = '') as does_bear,
        string_agg(distinct not_bearing_reason, '; ' order by not_bearing_reason) as not_bearing_reason
    from judged
    group by event_date, product_key
)

select
    dates.event_date,
    dates.event_ids,
    dates.directions,
    bearings.does_bear,
    case when not bearings.does_bear then bearings.not_bearing_reason end as not_bearing_reason,
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
            and date_trunc('month', others.event_date) >= date_trunc('month', dates.event_date) - {{ window_length }}
            and date_trunc('month', others.event_date) <= date_trunc('month', dates.event_date) + {{ window_length }}
    ) as n_other_dates,
    (
        select count(*)
        from quarantined
        where
            quarantined.source_code = series.source_code
            and quarantined.reporter_code = series.reporter_code
            and quarantined.partner_code = series.partner_code
            and quarantined.flow = series.flow
            and quarantined.product_key = series.product_key
            and quarantined.period_start >= date_trunc('month', dates.event_date) - {{ window_length }}
            and quarantined.period_start <= date_trunc('month', dates.event_date) + {{ window_length }}
    ) as n_months_quarantined
from dates
cross join series
inner join bearings on dates.event_date = bearings.event_date and series.product_key = bearings.product_key
inner join {{ ref('dim_area') }} as areas on series.reporter_code = areas.area_code
