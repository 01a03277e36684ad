-- Grain: one reporter in one role, of one product, year and kind of figure, with enough partners that report too: how
-- far its reports lie from its partners', compared with the panel, and which mistake of unit that looks like. A pattern
-- is named when the median gap is nearest to it and, by a one-sided sign test, surely beyond what partners disagree by
-- anyway. Tens are not named where value and weight lie off alike, since more goods are no mistake of unit; of a hub,
-- whose reports hold re-exports, they must lie further off.
-- noqa: disable=LT02
{%- set halfway_to_tens = 'ln(' ~ var('anomaly_within_factor')['tens'] ~ ')' %}
{%- set patterns = [
    ('value', 10, 'values_times_10', 'tens'),
    ('value', 0.1, 'values_divided_by_10', 'tens'),
    ('value', 1000, 'values_times_1000', 'thousands'),
    ('value', 0.001, 'values_divided_by_1000', 'thousands'),
    ('weight', 0.001, 'weights_in_tonnes', 'thousands'),
    ('weight', 1000, 'weights_in_grams', 'thousands'),
    ('weight', 10, 'weights_times_10', 'tens'),
    ('weight', 0.1, 'weights_divided_by_10', 'tens'),
] %}
with panel as (
    select * from {{ ref('int_mirror__panel') }}
),

hubs as (
    select area_code from {{ ref('seed_trade_hub') }}
),

pairs as (
    {%- for figure_kind in var('closed_lists')['figure_kind'] %}
    select
        exporter_code,
        importer_code,
        product_key,
        period_start,
        '{{ figure_kind }}' as figure_kind,
        {{ figure_kind }}_log_gap as log_gap
    from panel
    where {{ figure_kind }}_log_gap is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

centred as (
    select
        *,
        {{ settled('log_gap - median(log_gap) over (partition by product_key, period_start, figure_kind)') }} as gap
    from pairs
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
        reporter_code in (select hubs.area_code from hubs) as is_hub,
        {{ settled('median(gap)') }} as median_log_gap,
        list(gap) as log_gaps
    from reports
    group by reporter_role, reporter_code, product_key, period_start, figure_kind
    having count(*) >= {{ var('anomaly_least_partners') }}
),

patterns as (
    {%- for figure_kind, factor, anomaly, size in patterns %}
    select
        '{{ figure_kind }}' as figure_kind,
        ln({{ factor }}) as pattern_log_gap,
        ln({{ var('anomaly_within_factor')[size] }}) as tolerance,
        ln({{ var('anomaly_beyond_factor')[size] }}) as innocent_log_gap,
        {{ 'true' if size == 'tens' else 'false' }} as is_tens,
        '{{ anomaly }}' as anomaly
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

matches as (
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
        patterns.is_tens,
        case
            when medians.is_hub
                then greatest(patterns.innocent_log_gap, {{ log_factor('anomaly_beyond_factor_of_hubs') }})
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

counts as (
    select
        *,
        len(list_filter(signed_log_gaps, lambda gap: {{ exceeds('gap', 'innocent_log_gap') }})) as n_beyond,
        -- n reports, either sign as likely: mean n / 2, standard deviation √n / 2, continuity correction ½
        (n_pairs + 1) / 2 + {{ var('sign_test_z') }} * sqrt(n_pairs) / 2 as n_beyond_needed
    from matches
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
            not {{ exceeds('n_beyond_needed', 'n_beyond') }}
            and (
                not is_tens
                or coalesce({{ exceeds('abs(median_log_gap - other_median_log_gap)', halfway_to_tens) }}, true)
            )
            then anomaly
    end as anomaly,
    case when anomaly is not null then {{ settled('n_beyond / n_pairs') }} end as share_of_pairs
from counts
