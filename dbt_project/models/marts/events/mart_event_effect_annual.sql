-- Grain: one pair of years × one code × one target of China's exports (WLD: every partner) × one measure: the change
-- from the year before a step to the year after, less that of its comparison, beside what other pairs of years show. It
-- tells whether something changed between those years, never why.
with effects as (
    select
        *,
        difference_log >= usual_low_log and difference_log <= usual_high_log as is_usual,
        difference_low_log <= 0 and difference_high_log >= 0 as is_split,
        scan_year_before = year_before as is_break_at_years,
        {{ settled('ln(level_after / level_before)') }} as change_log
    from {{ ref('int_event__annual_effects') }}
),

studies as (
    select * from {{ ref('int_event__annual_studies') }}
),

joined as (
    select
        studies.*,
        effects.* exclude (year_before, year_after, product_key, target_code, comparison_product_key),
        concat_ws(
            '; ',
            case
                when effects.level_before is null then 'no ' || effects.effect_measure || ' of ' || studies.year_before
            end,
            case
                when effects.level_after is null then 'no ' || effects.effect_measure || ' of ' || studies.year_after
            end,
            case
                when studies.target_code is null and studies.comparison_product_key is null
                    then 'the step is on the compared code too'
                when
                    effects.difference_log is null and effects.level_before is not null
                    and effects.level_after is not null
                    then 'the comparison lacks a year'
            end,
            case
                when effects.n_pairs_apart < {{ var('event_least_dates_apart') }}
                    then effects.n_pairs_apart || ' other pairs of years that share none, four are needed'
            end
        ) as lacking,
        concat_ws(
            '; ',
            case when effects.is_usual then 'the change lies within what other pairs of years show' end,
            case
                when not effects.is_usual and effects.q_value > {{ var('event_most_q') }}
                    then 'not unusual among ' || effects.n_tests || ' tests: q ' || round(effects.q_value, 2)
            end,
            case
                when not effects.is_usual and not effects.is_break_at_years
                    then 'a larger change is that from ' || effects.scan_year_before
            end,
            case
                when not effects.is_usual and effects.is_split then 'it rests on one partner'
                when not effects.is_usual and effects.difference_low_log is null
                    then 'one partner has most of the trade: it rests on that partner'
            end,
            case
                when not effects.is_usual and effects.change_log * effects.difference_log <= 0
                    then 'the comparison moved, not the trade itself'
            end
        ) as undoing
    from studies
    inner join effects
        on
            studies.year_before = effects.year_before
            and studies.year_after = effects.year_after
            and studies.product_key = effects.product_key
            and coalesce(studies.target_code, '') = coalesce(effects.target_code, '')
),

published as (
    select
        source_code,
        event_date,
        event_ids,
        'CHN' as reporter_code,
        coalesce(target_code, 'WLD') as partner_code,
        'export' as flow,
        product_key,
        'month_range' as period_type,
        make_date(year_before, 1, 1) as period_start,
        last_day(make_date(year_after, 12, 1)) as period_end,
        effect_measure,
        case effect_measure when 'weight' then 'kg' else 'usd a kg' end as effect_unit,
        year_before,
        year_after,
        is_before_partly_treated,
        case when target_code is null then 'other_code' else 'other_partners' end as comparison_basis,
        comparison_product_key,
        level_before,
        level_after,
        comparison_level_before,
        comparison_level_after,
        change_log,
        difference_log,
        difference_low_log,
        difference_high_log,
        {{ settled('exp(difference_log)') }} as effect_ratio,
        n_partners,
        n_pairs as n_other_pairs,
        n_pairs_apart as n_other_pairs_apart,
        usual_low_log,
        usual_high_log,
        p_value,
        q_value,
        n_tests,
        scan_year_before,
        verdict,
        case verdict
            when 'insufficient_data' then lacking
            when 'no_evidence' then undoing
            else 'more than other pairs of years show, and by no other pair more; this says when, not why'
        end
        || case
            when is_before_partly_treated and verdict <> 'insufficient_data'
                then '; ' || year_before || ' is the step''s own year, since no year before it is held'
            else ''
        end
        || case
            when is_over_before_after and verdict <> 'insufficient_data'
                then '; the step was over by ' || year_after || ', so a loss would show as a rise'
            else ''
        end as reason
    from joined
)

{{ named('published', ['reporter_code', 'partner_code']) }}
