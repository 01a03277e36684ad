-- Grain: one policy date × one monthly series: the mean of the six whole months before and after the month of the date,
-- value and weight apart. India's and China's trade with each other stands around every date; any other series around
-- the dates of a step on goods that bears on it: the actor's flow with a target, in a code that the step names, as the
-- actor or the target reports it. A published month that does not list the partner counts as zero. A comparison of
-- windows, not an estimate of an effect: nothing here says why.
{%- set window_length = 'to_months(' ~ var('event_window_months') ~ ')' %}
with events as (
    select
        *,
        date_trunc('month', study_date) as event_month
    from {{ ref('dim_policy_event') }}
    where study_date is not null
),

areas as (
    select * from {{ ref('dim_area') }}
),

listed as (
    select * from {{ ref('int_trade__series_months') }}
),

dates as (
    select
        study_date as event_date,
        max(event_month) as event_month,
        string_agg(event_id, '; ' order by event_id) as event_ids,
        string_agg(distinct direction, '; ' order by direction) as directions
    from events
    group by study_date
),

series as (
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        split_part(product_key, ':', 2) as hs_code,
        min(period_start) filter (where month_status = 'listed') as first_month,
        max(period_start) filter (where month_status = 'listed') as last_month
    from listed
    group by source_code, reporter_code, partner_code, flow, product_key
),

-- both ends of a series as the actor and the target of a step are named, and the flow as the actor has it: of a report
-- by the actor its own, of one by the target the other
sides as (
    select
        series.*,
        reporters.iso2_code as actor,
        partners.iso2_code as target,
        series.flow as actors_flow
    from series
    inner join areas as reporters on series.reporter_code = reporters.area_code
    inner join areas as partners on series.partner_code = partners.area_code
    union all
    select
        series.*,
        partners.iso2_code as actor,
        reporters.iso2_code as target,
        case series.flow when 'import' then 'export' else 'import' end as actors_flow
    from series
    inner join areas as reporters on series.reporter_code = reporters.area_code
    inner join areas as partners on series.partner_code = partners.area_code
),

borne as (
    select distinct
        events.study_date as event_date,
        sides.source_code,
        sides.reporter_code,
        sides.partner_code,
        sides.flow,
        sides.product_key
    from events
    inner join sides
        on
            split_part(events.actor, '-', 1) = sides.actor
            and events.affected_flow = sides.actors_flow
            and (events.target = 'ALL' or list_contains(string_split(events.target, ';'), sides.target))
    where
        events.subject like 'goods%'
        and len(list_filter(
            string_split(events.hs_codes, ';'),
            lambda code: code <> '' and (starts_with(code, sides.hs_code) or starts_with(sides.hs_code, code))
        )) > 0
),

around as (
    select
        dates.*,
        series.*,
        borne.event_date is not null as does_bear
    from dates
    inner join series
        on
            dates.event_month >= series.first_month - {{ window_length }}
            and dates.event_month <= series.last_month + {{ window_length }}
    left join borne
        on
            dates.event_date = borne.event_date
            and series.source_code = borne.source_code
            and series.reporter_code = borne.reporter_code
            and series.partner_code = borne.partner_code
            and series.flow = borne.flow
            and series.product_key = borne.product_key
    where
        borne.event_date is not null
        or (series.reporter_code in ('IND', 'CHN') and series.partner_code in ('IND', 'CHN'))
),

months as (
    select * from listed
    where month_status <> 'quarantined'
),

quarantined as (
    select * from listed
    where month_status = 'quarantined'
),

windowed as (
    select
        around.event_date,
        around.event_month,
        around.event_ids,
        around.directions,
        around.does_bear,
        around.source_code,
        around.reporter_code,
        around.partner_code,
        around.flow,
        around.product_key,
        count(months.value_usd) filter (where months.period_start < around.event_month) as n_months_before,
        count(months.value_usd) filter (where months.period_start > around.event_month) as n_months_after,
        {{ settled(exact_mean('months.value_usd', where='months.period_start < around.event_month')) }}
            as mean_usd_before,
        {{ settled(exact_mean('months.value_usd', where='months.period_start > around.event_month')) }}
            as mean_usd_after,
        count(months.net_weight_kg) filter (where months.period_start < around.event_month) as n_weights_before,
        count(months.net_weight_kg) filter (where months.period_start > around.event_month) as n_weights_after,
        {{ settled(exact_mean('months.net_weight_kg', where='months.period_start < around.event_month')) }}
            as mean_kg_before,
        {{ settled(exact_mean('months.net_weight_kg', where='months.period_start > around.event_month')) }}
            as mean_kg_after
    from around
    left join months
        on
            around.source_code = months.source_code
            and around.reporter_code = months.reporter_code
            and around.partner_code = months.partner_code
            and around.flow = months.flow
            and around.product_key = months.product_key
            and months.period_start >= around.event_month - {{ window_length }}
            and months.period_start <= around.event_month + {{ window_length }}
    group by
        around.event_date, around.event_month, around.event_ids, around.directions, around.does_bear,
        around.source_code, around.reporter_code, around.partner_code, around.flow, around.product_key
),

counted as (
    select
        windowed.*,
        windowed.n_months_before >= {{ var('event_least_months') }} as has_months_before,
        windowed.n_months_after >= {{ var('event_least_months') }} as has_months_after,
        windowed.n_weights_before >= {{ var('event_least_months') }} as has_weights_before,
        windowed.n_weights_after >= {{ var('event_least_months') }} as has_weights_after,
        (
            select count(*)
            from quarantined
            where
                quarantined.source_code = windowed.source_code
                and quarantined.reporter_code = windowed.reporter_code
                and quarantined.partner_code = windowed.partner_code
                and quarantined.flow = windowed.flow
                and quarantined.product_key = windowed.product_key
                and quarantined.period_start >= windowed.event_month - {{ window_length }}
                and quarantined.period_start <= windowed.event_month + {{ window_length }}
        ) as n_months_quarantined
    from windowed
),

published as (
    select
        event_date,
        event_ids,
        directions,
        does_bear,
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        'month_range' as period_type,
        cast(date_trunc('month', event_date) - to_months({{ var('event_window_months') }}) as date) as period_start,
        last_day(cast(date_trunc('month', event_date) + to_months({{ var('event_window_months') }}) as date))
            as period_end,
        cast(n_months_before as integer) as n_months_before,
        cast(n_months_after as integer) as n_months_after,
        mean_usd_before,
        mean_usd_after,
        case
            when has_months_before and has_months_after
                then {{ settled('mean_usd_after / nullif(mean_usd_before, 0)') }}
        end as value_ratio,
        case
            when not has_months_before or not has_months_after or mean_usd_before = 0 then 'insufficient_data'
            when not {{ exceeds(var('higher_from_ratio') ~ ' * mean_usd_before', 'mean_usd_after') }}
                then 'higher_after'
            when not {{ exceeds('mean_usd_after', var('lower_from_ratio') ~ ' * mean_usd_before') }} then 'lower_after'
            else 'similar'
        end as value_comparison,
        cast(n_weights_before as integer) as n_weights_before,
        cast(n_weights_after as integer) as n_weights_after,
        mean_kg_before,
        mean_kg_after,
        case
            when has_weights_before and has_weights_after
                then {{ settled('mean_kg_after / nullif(mean_kg_before, 0)') }}
        end as weight_ratio,
        case
            when not has_weights_before or not has_weights_after or mean_kg_before = 0 then 'insufficient_data'
            when not {{ exceeds(var('higher_from_ratio') ~ ' * mean_kg_before', 'mean_kg_after') }} then 'higher_after'
            when not {{ exceeds('mean_kg_after', var('lower_from_ratio') ~ ' * mean_kg_before') }} then 'lower_after'
            else 'similar'
        end as weight_comparison,
        cast(n_months_quarantined as integer) as n_months_quarantined,
        case
            when has_months_before and has_months_after and mean_usd_before > 0 then null
            when n_months_quarantined > 0
                then n_months_quarantined || ' months of the windows have their partners in quarantine'
            when has_months_before and has_months_after then 'nothing was traded in the months before'
            when not has_months_before and not has_months_after
                then 'fewer than four months with a value before and after'
            when not has_months_before then 'fewer than four months with a value before'
            else 'fewer than four months with a value after'
        end as insufficient_reason
    from counted
)

{{ named('published', ['reporter_code', 'partner_code']) }}
