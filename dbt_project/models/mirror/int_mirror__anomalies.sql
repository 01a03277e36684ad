-- Grain: one reporter in one role, of one product, year and kind of figure, with five partners or more that report too:
-- how far its reports lie from its partners', beside the panel, and what mistake of unit that looks like. A pattern is
-- named when the median gap is nearest to it (tens within √10, thousands within five) and, by a sign test at five in a
-- hundred, surely beyond what partners disagree by: a factor of two, of ten for thousands. Tens are not named where
-- value and weight lie off alike, since more goods are no mistake of unit; of a hub, whose reports hold re-exports,
-- they must lie beyond a factor of four.
with gaps as (
    select
        exporter_code,
        importer_code,
        product_key,
        period_start,
        'value' as figure_kind,
        {{ settled('ln(x_fob_usd / m_fob_usd)') }} as log_gap
    from {{ ref('int_mirror__panel') }}
    where x_fob_usd + m_fob_usd > 10000
    union all
    select
        exporter_code,
        importer_code,
        product_key,
        period_start,
        'weight' as figure_kind,
        {{ settled('ln(x_weight_kg / m_weight_kg)') }} as log_gap
    from {{ ref('int_mirror__panel') }}
    where
        x_weight_kg > 0
        and m_weight_kg > 0
        and x_fob_usd + m_fob_usd > 10000
),

centred as (
    select
        *,
        {{ settled('log_gap - median(log_gap) over (partition by product_key, period_start, figure_kind)') }} as gap
    from gaps
),

reports as (
    select
        'exporter' as reporter_role,
        exporter_code as reporter_code,
        product_key,
        period_start,
        figure_kind,
        gap
    from centred
    union all
    select
        'importer' as reporter_role,
        importer_code as reporter_code,
        product_key,
        period_start,
        figure_kind,
        -gap as gap
    from centred
),

medians as (
    select
        reporter_role,
        reporter_code,
        product_key,
        period_start,
        figure_kind,
        count(*) as n_pairs,
        reporter_code in (select hubs.area_code from {{ ref('seed_trade_hub') }} as hubs) as is_hub,
        {{ settled('median(gap)') }} as median_log_gap,
        list(gap) as log_gaps
    from reports
    group by reporter_role, reporter_code, product_key, period_start, figure_kind
    having count(*) >= 5
),

patterns as (
    {%- for figure_kind, factor, anomaly in [
        ('value', 10, 'values_times_10'), ('value', 0.1, 'values_divided_by_10'),
        ('value', 1000, 'values_times_1000'), ('value', 0.001, 'values_divided_by_1000'),
        ('weight', 0.001, 'weights_in_tonnes'), ('weight', 1000, 'weights_in_grams'),
        ('weight', 10, 'weights_times_10'), ('weight', 0.1, 'weights_divided_by_10'),
    ] %}
    {%- set is_thousands = factor in [1000, 0.001] %}
    select
        '{{ figure_kind }}' as figure_kind,
        ln({{ factor }}) as pattern_log_gap,
        {{ 'ln(5)' if is_thousands else 'ln(10) / 2' }} as tolerance,
        {{ 'ln(10)' if is_thousands else 'ln(2)' }} as innocent_log_gap,
        {{ 'true' if is_thousands else 'false' }} as is_thousands,
        '{{ anomaly }}' as anomaly
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

matched as (
    select
        medians.reporter_role,
        medians.reporter_code,
        medians.product_key,
        medians.period_start,
        medians.figure_kind,
        medians.n_pairs,
        medians.median_log_gap,
        others.median_log_gap as other_median_log_gap,
        patterns.anomaly,
        patterns.is_thousands,
        case
            when medians.is_hub then greatest(patterns.innocent_log_gap, ln(4))
            else patterns.innocent_log_gap
        end as innocent_log_gap,
        list_transform(medians.log_gaps, lambda gap: gap * sign(patterns.pattern_log_gap)) as signed_log_gaps
    from medians
    left join patterns
        on
            medians.figure_kind = patterns.figure_kind
            and not {{ exceeds('abs(medians.median_log_gap - patterns.pattern_log_gap)', 'patterns.tolerance') }}
    left join medians as others
        on
            medians.reporter_role = others.reporter_role
            and medians.reporter_code = others.reporter_code
            and medians.product_key = others.product_key
            and medians.period_start = others.period_start
            and medians.figure_kind <> others.figure_kind
),

counted as (
    select
        *,
        len(list_filter(signed_log_gaps, lambda gap: {{ exceeds('gap', 'innocent_log_gap') }})) as n_beyond
    from matched
)

select
    reporter_role,
    reporter_code,
    product_key,
    period_start,
    figure_kind,
    n_pairs,
    median_log_gap,
    case
        when
            not {{ exceeds('1.645 * sqrt(n_pairs) / 2', 'n_beyond - n_pairs / 2 - 0.5') }}
            and (
                is_thousands
                or coalesce({{ exceeds('abs(median_log_gap - other_median_log_gap)', 'ln(10) / 2') }}, true)
            )
            then anomaly
    end as anomaly,
    case when anomaly is not null then {{ settled('n_beyond / n_pairs') }} end as share_of_pairs
from counted
