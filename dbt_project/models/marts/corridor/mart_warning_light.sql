-- Grain: one light × one corridor, product and period of one source: what was observed, the thresholds, and whether the
-- light is on. A warning is a deviation or a change; its threshold is the one that no more than a stated share of the
-- figures before the evaluated period exceed. A level (concentration, China's share, reserve life) has a band and never
-- warns. A light that cannot be judged is off, and says why: off is no all-clear unless it could be judged.
-- noqa: disable=LT02
with thresholds as (
    select
        light_code,
        max(light_kind) as light_kind,
        max(threshold) filter (where level = 'watch') as watch_threshold,
        max(threshold) filter (where level = 'alert') as alert_threshold,
        max(most_history_rate) filter (where level = 'watch') as watch_most_rate,
        max(most_history_rate) filter (where level = 'alert') as alert_most_rate,
        max(threshold_unit) as score_unit,
        max(side) as side,
        string_agg(level || ': ' || citation || ' (' || basis || ')', '; ' order by level desc) as threshold_basis
    from {{ ref('seed_warning_threshold') }}
    group by light_code
),

seasonal as (
    select
        'seasonal_deviation' as light_code,
        source_code,
        'reported' as figure_basis,
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        period_start,
        value_usd as observed_value,
        'usd' as observed_unit,
        {{ settled('exp(median_log)') }} as expected_value,
        n_years as n_history,
        case
            when n_years >= {{ var('season_least_years') }} and mad_log > 0
                then {{ settled(robust_z('log_value', 'median_log', 'mad_log')) }}
        end as score,
        case
            when month_status = 'quarantined' then 'the month''s partners are in quarantine'
            when value_usd is null then 'no value'
            when n_years < {{ var('season_least_years') }} then 'fewer than three earlier years'
            when mad_log = 0 then 'the earlier years do not differ'
        end as not_evaluable_reason
    from {{ ref('int_corridor__deviations') }}
),

unit_values as (
    select
        'unit_value_outlier' as light_code,
        figures.source_code,
        figures.figure_basis,
        figures.reporter_code,
        figures.partner_code,
        figures.flow,
        figures.product_key,
        figures.period_type,
        figures.period_start,
        unit_values.unit_value_usd_per_kg as observed_value,
        'usd a kg' as observed_unit,
        unit_values.median_usd_per_kg as expected_value,
        coalesce(unit_values.n_flows, 0) as n_history,
        unit_values.robust_z as score,
        case
            when figures.value_usd is null then 'no value'
            when figures.net_weight_kg is null then 'no weight'
            when figures.weight_status <> 'reported' then 'the weight is estimated'
            when unit_values.fact_id is null then 'value or weight is zero'
            when unit_values.unit_value_flag = 'too_few_flows' then 'fewer than eight flows to compare'
        end as not_evaluable_reason
    from {{ ref('int_trade__figures') }} as figures
    left join {{ ref('mart_unit_value') }} as unit_values on figures.fact_id = unit_values.fact_id
    where
        not figures.is_partner_world
        and figures.reporter_code in ('IND', 'CHN')
        and figures.partner_code in ('IND', 'CHN')
        and figures.reporter_code <> figures.partner_code
        and figures.period_type <> 'month_range'
    qualify row_number() over (
        partition by
            figures.source_code, figures.figure_basis, figures.reporter_code, figures.partner_code, figures.flow,
            figures.product_key, figures.period_type, figures.period_start
        order by
            unit_values.fact_id is null, figures.value_usd is null, figures.net_weight_kg is null, figures.fact_id
    ) = 1
),

dependences as (
    select * from {{ ref('mart_import_dependence') }}
    where
        period_type <> 'month_range'
        -- where China alone is listed, nothing can be said of the other suppliers
        and (share_basis = 'listed_partners' or china_value_share is not null)
),

-- each figure beside the same source's of a year before
changes as (
    select
        present.*,
        earlier.value_hhi as earlier_hhi,
        earlier.china_value_share as earlier_share,
        present.value_hhi - earlier.value_hhi as hhi_change,
        present.china_value_share - earlier.china_value_share as share_change
    from dependences as present
    left join dependences as earlier
        on
            present.source_code = earlier.source_code
            and present.figure_basis = earlier.figure_basis
            and present.reporter_code = earlier.reporter_code
            and present.product_key = earlier.product_key
            and present.period_type = earlier.period_type
            and present.share_basis = earlier.share_basis
            and present.period_start = earlier.period_start + to_years(1)
),

suppliers as (
    {%- for light, partner, observed_value, earlier_value, score in [
        ('supplier_concentration', 'WLD', 'value_hhi', 'cast(null as double)', 'value_hhi'),
        ('supplier_concentration_change', 'WLD', 'value_hhi', 'earlier_hhi', 'hhi_change'),
        ('china_share', 'CHN', 'china_value_share', 'cast(null as double)', 'china_value_share'),
        ('china_share_change', 'CHN', 'china_value_share', 'earlier_share', 'share_change'),
    ] %}
    select
        '{{ light }}' as light_code,
        source_code,
        figure_basis,
        reporter_code,
        '{{ partner }}' as partner_code,
        'import' as flow,
        product_key,
        period_type,
        period_start,
        {{ observed_value }} as observed_value,
        '{{ 'hhi' if observed_value == 'value_hhi' else 'share' }}' as observed_unit,
        {{ earlier_value }} as expected_value,
        n_partners as n_history,
        {{ settled(score) }} as score,
        case
            when {{ observed_value }} is null then 'no partner with a value'
            when {{ score }} is null then 'no figure of the year before'
        end as not_evaluable_reason
    from changes
    {%- if partner == 'WLD' %}
    where share_basis = 'listed_partners' or value_hhi is not null
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- years of whose output some edition says that it is estimated from China's imports
circular as (
    select distinct
        source_code,
        country_code,
        year
    from {{ ref('fct_production') }}
    where basis_code = 'derived_from_china_imports'
),

reserves as (
    select
        'reserve_life' as light_code,
        life.source_code,
        'reported' as figure_basis,
        life.country_code as reporter_code,
        cast(null as varchar) as partner_code,
        cast(null as varchar) as flow,
        cast(null as varchar) as product_key,
        'calendar_year' as period_type,
        make_date(life.reserves_year, 1, 1) as period_start,
        life.reserve_life_years as observed_value,
        'years' as observed_unit,
        cast(null as double) as expected_value,
        1 as n_history,
        life.reserve_life_years as score,
        case
            when life.life_status = 'no_reserves_figure' then 'no reserves figure'
            when life.life_status = 'no_production_figure' then 'no production figure'
            when life.life_status = 'no_production' then 'nothing is mined'
            when life.life_status = 'at_least' then 'the reserves are only a lower bound'
            when circular.year is not null then 'the output is estimated from China''s imports'
        end as not_evaluable_reason
    from {{ ref('mart_reserve_life') }} as life
    left join circular
        on
            life.source_code = circular.source_code
            and life.country_code = circular.country_code
            and life.production_year = circular.year
    qualify row_number() over (
        partition by life.source_code, life.country_code, life.reserves_year
        order by life.known_from desc, life.edition desc, life.release desc
    ) = 1
),

lights as (
    select * from seasonal
    union all
    select * from unit_values
    union all
    select * from suppliers
    union all
    select * from reserves
),

scored as (
    select
        lights.*,
        thresholds.light_kind,
        thresholds.side,
        thresholds.score_unit,
        thresholds.threshold_basis,
        lights.period_type = 'month' as is_of_month,
        lights.period_start < date '{{ var('warning_evaluated_from') }}' as is_history,
        lights.not_evaluable_reason is null and lights.score is not null as has_score,
        -- on one scale, on which more is worse
        case thresholds.side when 'both' then abs(lights.score) when 'low' then -lights.score else lights.score end
            as weight
    from lights
    inner join thresholds on lights.light_code = thresholds.light_code
),

earlier_weights as (
    select
        light_code,
        is_of_month,
        weight
    from scored
    where
        has_score
        and is_history
),

-- what months, and years, of history show; and both together for lights of which one of them has too few
histories as (
    select
        light_code,
        is_of_month,
        count(*) as n_rows,
        list_reverse_sort(list(weight)) as weights
    from earlier_weights
    group by light_code, is_of_month
    having count(*) >= {{ var('warning_least_history') }}
),

pooled_histories as (
    select
        light_code,
        count(*) as n_rows,
        list_reverse_sort(list(weight)) as weights
    from earlier_weights
    group by light_code
    having count(*) >= {{ var('warning_least_history') }}
),

kinds as (
    select unnest([true, false]) as is_of_month
),

-- each light once, for months and for years, with the history that it is measured on
calibrated as (
    select
        thresholds.light_code,
        kinds.is_of_month,
        thresholds.side,
        thresholds.watch_threshold,
        thresholds.alert_threshold,
        thresholds.watch_most_rate,
        thresholds.alert_most_rate,
        case when thresholds.light_kind <> 'level' then coalesce(own.n_rows, pooled.n_rows, 0) end as n_history_rows,
        case when thresholds.light_kind <> 'level' then coalesce(own.weights, pooled.weights) end as history_weights
    from thresholds
    cross join kinds
    left join histories as own
        on thresholds.light_code = own.light_code and kinds.is_of_month = own.is_of_month
    left join pooled_histories as pooled on thresholds.light_code = pooled.light_code
),

-- the largest weight that no more than the stated share of history exceeds
limited as (
    select
        *,
        coalesce(
            watch_threshold * case side when 'low' then -1 else 1 end,
            history_weights[cast(floor(watch_most_rate * n_history_rows) as integer) + 1]
        ) as watch_at,
        coalesce(
            alert_threshold * case side when 'low' then -1 else 1 end,
            history_weights[cast(floor(alert_most_rate * n_history_rows) as integer) + 1]
        ) as alert_at
    from calibrated
),

limits as (
    select
        light_code,
        is_of_month,
        n_history_rows,
        watch_at,
        alert_at,
        len(list_filter(history_weights, lambda x: {{ exceeds('x', 'watch_at') }})) as n_watched,
        len(list_filter(history_weights, lambda x: {{ exceeds('x', 'alert_at') }})) as n_alerted
    from limited
),

judged as (
    select
        scored.*,
        limits.n_history_rows,
        limits.watch_at,
        limits.alert_at,
        limits.n_watched,
        limits.n_alerted,
        scored.has_score and limits.watch_at is not null as is_evaluable,
        case
            when not scored.has_score or limits.watch_at is null then 'none'
            when {{ exceeds('scored.weight', 'limits.alert_at') }} then 'alert'
            when {{ exceeds('scored.weight', 'limits.watch_at') }} then 'watch'
            else 'none'
        end as beyond
    from scored
    inner join limits on scored.light_code = limits.light_code and scored.is_of_month = limits.is_of_month
),

counted as (
    select
        *,
        avg(case when beyond <> 'none' then 1.0 else 0.0 end) filter (
            where is_evaluable and not is_history and light_kind <> 'level'
        ) over (partition by light_code, is_of_month) as lit_rate_since
    from judged
),

published as (
    select
        light_code,
        light_kind,
        source_code,
        figure_basis,
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        period_start,
        cast(
            case period_type when 'month' then last_day(period_start) else period_start + to_years(1) - to_days(1) end
            as date
        ) as period_end,
        is_history,
        observed_value,
        observed_unit,
        expected_value,
        cast(n_history as integer) as n_history,
        case when is_evaluable then score end as score,
        score_unit,
        watch_at * case side when 'low' then -1 else 1 end as watch_threshold,
        alert_at * case side when 'low' then -1 else 1 end as alert_threshold,
        threshold_basis,
        cast(n_history_rows as integer) as n_history_rows,
        {{ settled('n_watched / nullif(n_history_rows, 0)') }} as watch_rate_of_history,
        {{ settled('n_alerted / nullif(n_history_rows, 0)') }} as alert_rate_of_history,
        {{ settled('lit_rate_since') }} as lit_rate_since,
        case when light_kind = 'level' then 'none' else beyond end as level,
        case
            when light_kind = 'level' and is_evaluable
                then case beyond when 'none' then 'below' when 'watch' then 'elevated' else 'high' end
        end as level_band,
        is_evaluable,
        case
            when not has_score then coalesce(not_evaluable_reason, 'no figure')
            when not is_evaluable then 'too few earlier figures to measure a threshold on'
        end as not_evaluable_reason
    from counted
)

{{ named('published', ['reporter_code', 'partner_code']) }}
