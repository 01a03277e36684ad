-- Grain: one light × one corridor, product and period of one source: what was observed, the thresholds, and whether the
-- light is on. A light that cannot be judged is off, and says why: off is no all-clear unless it could be judged.
with thresholds as (
    select
        light_code,
        max(threshold) filter (where level = 'watch') as watch_threshold,
        max(threshold) filter (where level = 'alert') as alert_threshold,
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

suppliers as (
    {%- for light, partner, observed_value, reason in [
        ('supplier_concentration', 'WLD', 'value_hhi', 'no partner with a value'),
        ('china_share', 'CHN', 'china_value_share', 'no partner with a value'),
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
        '{{ 'hhi' if light == 'supplier_concentration' else 'share' }}' as observed_unit,
        cast(null as double) as expected_value,
        n_partners as n_history,
        {{ observed_value }} as score,
        case when {{ observed_value }} is null then '{{ reason }}' end as not_evaluable_reason
    from {{ ref('mart_import_dependence') }}
    where
        period_type <> 'month_range'
        -- where China alone is listed, nothing can be said of the other suppliers
        and (share_basis = 'listed_partners' or {{ observed_value }} is not null)
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

judged as (
    select
        lights.*,
        thresholds.score_unit,
        thresholds.watch_threshold,
        thresholds.alert_threshold,
        thresholds.threshold_basis,
        lights.not_evaluable_reason is null and lights.score is not null as is_evaluable,
        -- on one scale, on which more is worse
        case thresholds.side when 'both' then abs(lights.score) when 'low' then -lights.score else lights.score end
            as weight,
        thresholds.watch_threshold * case thresholds.side when 'low' then -1 else 1 end as watch_at,
        thresholds.alert_threshold * case thresholds.side when 'low' then -1 else 1 end as alert_at
    from lights
    inner join thresholds on lights.light_code = thresholds.light_code
),

published as (
    select
        light_code,
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
        observed_value,
        observed_unit,
        expected_value,
        cast(n_history as integer) as n_history,
        case when is_evaluable then score end as score,
        score_unit,
        watch_threshold,
        alert_threshold,
        threshold_basis,
        case
            when not is_evaluable then 'none'
            when {{ exceeds('weight', 'alert_at') }} then 'alert'
            when {{ exceeds('weight', 'watch_at') }} then 'watch'
            else 'none'
        end as level,
        is_evaluable,
        case when not is_evaluable then coalesce(not_evaluable_reason, 'no figure') end as not_evaluable_reason
    from judged
)

{{ named('published', ['reporter_code', 'partner_code']) }}
