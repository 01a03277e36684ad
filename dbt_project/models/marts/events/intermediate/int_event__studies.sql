-- Grain: one study: a policy date × a monthly series with China on one side. Several instruments of a date share one.
-- `does_bear` is true where at least one of the date's steps bears on the series; where none does,
-- `not_bearing_reason` says why. `has_unaffected` is false where every bearing step falls on all partners alike.
{%- set window_length = 'to_months(' ~ var('event_window_months') ~ ')' %}
with dates as (
    select
        study_date as event_date,
        string_agg(event_id, '; ' order by event_id) as event_ids,
        string_agg(distinct direction, '; ' order by direction) as directions
    from {{ ref('dim_policy_event') }}
    where study_date is not null
    group by study_date
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

bearings as (
    select
        event_date,
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        bool_or(does_bear) as does_bear,
        string_agg(event_id, '; ' order by event_id) filter (where does_bear) as bearing_event_ids,
        coalesce(bool_or(not is_on_every_partner) filter (where does_bear), true) as has_unaffected,
        -- each reason once, however many steps it holds for
        array_to_string(
            list_sort(list_distinct(flatten(list(string_split(not_bearing_reason, '; '))))), '; '
        ) as not_bearing_reason
    from {{ ref('int_event__bearings') }}
    group by event_date, source_code, reporter_code, partner_code, flow, product_key
)

select
    dates.event_date,
    dates.event_ids,
    dates.directions,
    bearings.does_bear,
    bearings.bearing_event_ids,
    case when not bearings.does_bear then bearings.not_bearing_reason end as not_bearing_reason,
    series.source_code,
    series.reporter_code,
    series.partner_code,
    series.flow,
    series.product_key,
    series.placebo_basis,
    series.first_month,
    series.last_month,
    bearings.has_unaffected,
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
inner join bearings
    on
        dates.event_date = bearings.event_date
        and series.source_code = bearings.source_code
        and series.reporter_code = bearings.reporter_code
        and series.partner_code = bearings.partner_code
        and series.flow = bearings.flow
        and series.product_key = bearings.product_key
