-- Grain: one policy date × one monthly series with China on one side × one measure: the change of its level from the
-- six whole months before to the six after, less the same change of its comparison, beside what other dates (or, in a
-- short series, the other partners) show. It tells whether something changed then, never why.
with effects as (
    select
        *,
        n_before >= {{ var('event_least_months') }} as has_before,
        n_after >= {{ var('event_least_months') }} as has_after,
        coalesce(n_placebo_dates_apart, 0) >= {{ var('event_least_dates_apart') }} as has_dates_apart,
        effect_low_log <= 0 and effect_high_log >= 0 as is_inside,
        scan_distance_months between 0 and {{ var('event_most_lag_months') }} as is_break_at_date
    from {{ ref('int_event__effects') }}
),

studies as (
    select * from {{ ref('int_event__studies') }}
),

joined as (
    select
        studies.*,
        effects.* exclude (event_date, source_code, reporter_code, partner_code, flow, product_key),
        concat_ws(
            '; ',
            case
                when studies.n_months_quarantined > 0 and (not effects.has_before or not effects.has_after)
                    then studies.n_months_quarantined || ' months of the windows have their partners in quarantine'
            end,
            case
                when effects.n_before is null or (effects.n_before = 0 and effects.n_after = 0)
                    then 'no month of the windows has this measure'
                when not effects.has_before and not effects.has_after
                    then 'only ' || effects.n_before || ' months before, ' || effects.n_after || ' after have a figure'
                when not effects.has_before
                    then 'only ' || effects.n_before || ' of the six months before have a figure'
                when not effects.has_after
                    then 'only ' || effects.n_after || ' of the six months after have a figure'
                when effects.target_log is null then 'hardly anything was traded in either window'
            end,
            case
                when not studies.has_unaffected then 'the step falls on all partners alike: nothing to compare with'
                when studies.placebo_basis = 'none' then 'no other partner is held: nothing to compare with'
                when effects.n_placebo_series < {{ var('event_least_partners') }}
                    then 'fewer than three other partners traded'
                when effects.target_log is not null and effects.placebo_log is null
                    then 'the comparison has too few months'
            end,
            case
                when effects.has_before and effects.has_after and not effects.has_dates_apart
                    then
                        coalesce(effects.n_placebo_dates_apart, 0)
                        || ' placebo dates with windows of their own, four are needed'
                        || coalesce(
                            '; ' || effects.n_placebo_partners || ' other partners that can be placebos',
                            ''
                        )
            end,
            studies.not_bearing_reason
        ) as lacking,
        concat_ws(
            '; ',
            case
                when not effects.has_moved_itself and effects.effect_high_log < 0
                    then 'the comparison moved, the series itself did not fall'
                when not effects.has_moved_itself then 'the comparison moved, the series itself did not rise'
            end,
            'rests on one shipment: ' || effects.rests_on_shipper || ' ' || strftime(effects.rests_on_month, '%Y-%m'),
            case
                when not effects.is_inside and effects.q_value > {{ var('event_most_q') }}
                    then 'not unusual among ' || effects.n_tests || ' tests: q ' || round(effects.q_value, 2)
            end,
            case
                when not effects.is_inside and not effects.is_break_at_date
                    then
                        'a scan puts the break at ' || strftime(effects.scan_break_on, '%Y-%m') || ', '
                        || abs(effects.scan_distance_months) || ' months '
                        || case when effects.scan_distance_months < 0 then 'before' else 'after' end || ' the date''s'
                when not effects.is_inside and effects.nearest_date <> effects.event_date
                    then 'the break is nearer to the date ' || effects.nearest_date
            end
        ) as undoing,
        case effects.inference_basis when 'placebo_partners' then 'other partners' else 'other dates' end as shown_by,
        cast(round(100 * (exp(effects.target_log) - 1)) as integer) as own_pct,
        cast(round(100 * (exp(effects.effect_low_log) - 1)) as integer) as low_pct,
        cast(round(100 * (exp(effects.effect_high_log) - 1)) as integer) as high_pct
    from studies
    inner join effects
        on
            studies.event_date = effects.event_date
            and studies.source_code = effects.source_code
            and studies.reporter_code = effects.reporter_code
            and studies.partner_code = effects.partner_code
            and studies.flow = effects.flow
            and studies.product_key = effects.product_key
),

published as (
    select
        event_date,
        event_ids,
        directions,
        does_bear,
        bearing_event_ids,
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        'month_range' as period_type,
        cast(date_trunc('month', event_date) - to_months({{ var('event_window_months') }}) as date) as period_start,
        last_day(cast(date_trunc('month', event_date) + to_months({{ var('event_window_months') }}) as date))
            as period_end,
        effect_measure,
        case effect_measure
            when 'value' then 'usd a month'
            when 'weight' then 'kg a month'
            else 'usd a kg'
        end as effect_unit,
        coalesce(n_before, 0) as n_months_before,
        coalesce(n_after, 0) as n_months_after,
        level_before,
        level_after,
        placebo_basis,
        n_placebo_series,
        coalesce(placebo_n_before, 0) as n_placebo_months_before,
        coalesce(placebo_n_after, 0) as n_placebo_months_after,
        placebo_level_before,
        placebo_level_after,
        target_log as change_log,
        placebo_log as placebo_change_log,
        did_log as difference_log,
        n_placebo_dates,
        n_placebo_dates_apart,
        n_placebo_partners,
        inference_basis,
        placebo_mean_log,
        effect_log,
        effect_low_log,
        effect_high_log,
        {{ settled('exp(effect_log)') }} as effect_ratio,
        p_value,
        q_value,
        n_tests,
        scan_break_on,
        scan_distance_months,
        verdict,
        case verdict
            when 'insufficient_data' then lacking
            when 'no_evidence'
                then
                    coalesce(nullif(undoing, '') || '; ', 'the change lies within what ' || shown_by || ' show: ')
                    || '95 % interval ' || low_pct || ' to ' || high_pct || ' %; the series itself: ' || own_pct || ' %'
            else
                'more than ' || shown_by || ' show, and a scan puts the break there: 95 % interval ' || low_pct
                || ' to ' || high_pct || ' %; this says when, not why'
        end as reason,
        cast(n_other_dates as integer) as n_other_event_dates,
        cast(n_months_quarantined as integer) as n_months_quarantined
    from joined
)

{{ named('published', ['reporter_code', 'partner_code']) }}
