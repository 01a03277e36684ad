-- Grain: one way of making one figure of two reports × kind of figure × HS code × year, scored against BACI where BACI
-- is complete and enough flows have both sides. BACI is read here and in no model of the mirror.
-- noqa: disable=LT02
{%- set methods = [
    ('reconciled', 'figure'),
    ('importer_report', 'coalesce(m_figure, x_figure)'),
    ('exporter_report', 'coalesce(x_figure, m_figure)'),
    ('arithmetic_mean', 'coalesce((x_figure + m_figure) / 2, x_figure, m_figure)'),
    ('fixed_weight', 'coalesce(fixed_weight * x_figure + (1 - fixed_weight) * m_figure, x_figure, m_figure)'),
] %}
with countries as (
    select area_code
    from {{ ref('dim_area') }}
    where area_type = 'country'
),

complete_years as (
    select * from {{ ref('fct_trade_reference') }}
    where
        is_latest
        and coverage = 'complete'
        and period_type = 'calendar_year'
),

reference as (
    {%- for figure_kind, figure, rounding in [
        ('value', 'value_usd', 'value_rounding_usd'), ('weight', 'net_weight_kg', 'weight_rounding_kg')
    ] %}
    select
        '{{ figure_kind }}' as figure_kind,
        {{ mirror_country('exporter_code') }} as exporter_code,
        {{ mirror_country('importer_code') }} as importer_code,
        hs_code,
        year(period_start) as year,
        {{ exact_sum(figure) }} as reference_figure,
        {{ exact_sum('coalesce(' ~ rounding ~ ', 0)') }} as rounding
    from complete_years
    where {{ figure }} is not null
    group by all
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

calendar_years as (
    select
        *,
        year(period_start) as year
    from {{ ref('fct_trade_mirror') }}
    where
        period_type = 'calendar_year'
        and product_key = 'HS:' || hs_code
),

-- weights of different goods are in no method's figures, and estimated ones are no reports
mirror as (
    select
        'value' as figure_kind,
        exporter_code,
        importer_code,
        hs_code,
        year,
        x_fob_usd as x_figure,
        m_fob_usd as m_figure,
        value_usd as figure,
        value_low_usd as figure_low,
        value_high_usd as figure_high,
        coalesce(x_fob_usd > 0 and m_fob_usd > 0, false) as has_both_sides
    from calendar_years
    union all
    select
        'weight' as figure_kind,
        exporter_code,
        importer_code,
        hs_code,
        year,
        case when x_weight_status = 'reported' then x_weight_kg end as x_figure,
        case when m_weight_status = 'reported' then m_weight_kg end as m_figure,
        weight_kg as figure,
        weight_low_kg as figure_low,
        weight_high_kg as figure_high,
        coalesce(
            x_weight_kg > 0 and x_weight_status = 'reported' and m_weight_kg > 0 and m_weight_status = 'reported', false
        ) as has_both_sides
    from calendar_years
    where weight_basis <> 'scope_differs'
),

scored_years as (
    select
        figure_kind,
        hs_code,
        year
    from mirror
    where has_both_sides
    group by figure_kind, hs_code, year
    having count(*) >= {{ var('score_least_flows') }}
    intersect
    select
        figure_kind,
        hs_code,
        year
    from reference
),

flows as (
    select
        coalesce(mirror.figure_kind, reference.figure_kind) as figure_kind,
        coalesce(mirror.exporter_code, reference.exporter_code) as exporter_code,
        coalesce(mirror.importer_code, reference.importer_code) as importer_code,
        coalesce(mirror.hs_code, reference.hs_code) as hs_code,
        coalesce(mirror.year, reference.year) as year,
        mirror.* exclude (figure_kind, exporter_code, importer_code, hs_code, year),
        coalesce(reference.reference_figure, 0) as reference_figure,
        coalesce(reference.rounding, 0) as rounding
    from mirror
    full outer join reference
        on
            mirror.figure_kind = reference.figure_kind
            and mirror.exporter_code = reference.exporter_code
            and mirror.importer_code = reference.importer_code
            and mirror.hs_code = reference.hs_code
            and mirror.year = reference.year
),

compared as (
    select
        flows.*,
        {{ var('score_fixed_exporter_weight') }} as fixed_weight,
        flows.reference_figure > case flows.figure_kind
            {%- for figure_kind, least in var('score_least_flow').items() %}
            when '{{ figure_kind }}' then {{ least }}
            {%- endfor %}
        end as is_scored_flow,
        case flows.figure_kind
            {%- for figure_kind, least in var('score_least_importer').items() %}
            when '{{ figure_kind }}' then {{ least }}
            {%- endfor %}
        end as least_importer
    from flows
    inner join scored_years
        on
            flows.figure_kind = scored_years.figure_kind
            and flows.hs_code = scored_years.hs_code
            and flows.year = scored_years.year
    where
        flows.exporter_code in (select countries.area_code from countries)
        and flows.importer_code in (select countries.area_code from countries)
),

estimates as (
    {%- for method, figure in methods %}
    select
        '{{ method }}' as reconciliation_method,
        figure_kind,
        hs_code,
        year,
        exporter_code,
        importer_code,
        is_scored_flow,
        has_both_sides,
        least_importer,
        coalesce({{ figure }}, 0) as estimate,
        reference_figure
    from compared
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

shares as (
    select
        *,
        {{ settled('coalesce(' ~ share_of_sum('estimate', over='importers') ~ ', 0)') }} as estimate_share,
        {{ settled('coalesce(' ~ share_of_sum('reference_figure', over='importers') ~ ', 0)') }} as reference_share,
        {{ exact_sum('reference_figure', over='importers') }} as importer_reference
    from estimates
    window importers as (partition by reconciliation_method, figure_kind, hs_code, year, importer_code)
),

importers as (
    select
        reconciliation_method,
        figure_kind,
        hs_code,
        year,
        importer_code,
        {{ settled(exact_sum('abs(estimate_share - reference_share)', scale=15) ~ ' / 2') }} as share_error,
        {{ settled(hhi('estimate_share')) }} as estimate_hhi,
        {{ settled(hhi('reference_share')) }} as reference_hhi
    from shares
    where importer_reference > least_importer
    group by reconciliation_method, figure_kind, hs_code, year, importer_code
),

by_importer as (
    select
        reconciliation_method,
        figure_kind,
        hs_code,
        year,
        count(*) as n_importers,
        {{ settled(exact_mean('share_error', scale=15)) }} as supplier_share_error,
        {{ settled(exact_corr('estimate_hhi', 'reference_hhi')) }} as hhi_correlation
    from importers
    group by reconciliation_method, figure_kind, hs_code, year
),

log_errors as (
    select
        *,
        case
            when is_scored_flow and estimate > 0 then {{ settled('abs(ln(estimate / reference_figure))') }}
        end as log_error,
        case when log_error is not null then least(log_error, {{ log_factor('score_clipped_at_factor') }}) end
            as clipped_log_error
    from estimates
),

by_flow as (
    select
        reconciliation_method,
        figure_kind,
        hs_code,
        year,
        count(*) filter (where log_error is not null) as n_flows,
        {{ settled('median(log_error)') }} as median_abs_log,
        {{ settled(exact_mean('clipped_log_error', scale=12)) }} as mean_clipped_abs_log,
        count(*) filter (where log_error is not null and has_both_sides) as n_two_sided_flows,
        {{ settled('median(log_error) filter (where has_both_sides)') }} as two_sided_median_abs_log,
        {{ settled(exact_mean('clipped_log_error', where='has_both_sides', scale=12)) }}
            as two_sided_mean_clipped_abs_log,
        {{ settled(exact_sum('estimate') ~ ' / ' ~ exact_sum('reference_figure')) }} as level_ratio
    from log_errors
    group by reconciliation_method, figure_kind, hs_code, year
),

traders as (
    {%- for role in ['exporter', 'importer'] %}
    select
        reconciliation_method,
        figure_kind,
        hs_code,
        year,
        '{{ role }}' as trader_role,
        {{ role }}_code as trader_code,
        {{ exact_sum('estimate') }} as estimate,
        {{ exact_sum('reference_figure') }} as reference_figure
    from estimates
    group by reconciliation_method, figure_kind, hs_code, year, {{ role }}_code
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

largest_traders as (
    select * from traders
    qualify
        row_number() over (
            partition by reconciliation_method, figure_kind, hs_code, year, trader_role
            order by reference_figure desc, trader_code asc
        ) <= {{ var('score_top_traders') }}
),

trader_ranks as (
    select
        reconciliation_method,
        figure_kind,
        hs_code,
        year,
        trader_role,
        rank() over (traders_of_a_role order by estimate) as estimate_rank,
        rank() over (traders_of_a_role order by reference_figure) as reference_rank
    from largest_traders
    window traders_of_a_role as (partition by reconciliation_method, figure_kind, hs_code, year, trader_role)
),

rank_correlations as (
    select
        reconciliation_method,
        figure_kind,
        hs_code,
        year,
        trader_role,
        {{ settled(exact_corr('estimate_rank', 'reference_rank')) }} as rank_correlation
    from trader_ranks
    group by reconciliation_method, figure_kind, hs_code, year, trader_role
),

intervals as (
    select
        figure_kind,
        hs_code,
        year,
        count(*) filter (where {{ reference_is_inside('figure_low', 'figure_high') }}) / count(*) as coverage,
        median(ln(figure_high / nullif(figure_low, 0))) as median_width,
        {{ exact_mean('ln(figure_high / nullif(figure_low, 0))', scale=12) }} as mean_width,
        count(*) filter (
            where {{ reference_is_inside('least(x_figure, m_figure)', 'greatest(x_figure, m_figure)') }}
        ) / count(*) as both_reports_coverage,
        median(abs(ln(x_figure / m_figure))) as both_reports_median_width,
        {{ exact_mean('abs(ln(x_figure / m_figure))', scale=12) }} as both_reports_mean_width
    from compared
    where
        has_both_sides
        and is_scored_flow
    group by figure_kind, hs_code, year
)

select
    by_importer.reconciliation_method,
    by_importer.figure_kind,
    by_importer.hs_code,
    {{ calendar_year_columns('by_importer.year') }},
    cast(by_importer.year as integer) as year,
    cast(by_importer.n_importers as integer) as n_importers,
    cast(by_flow.n_flows as integer) as n_flows,
    by_importer.supplier_share_error,
    by_flow.median_abs_log,
    by_flow.mean_clipped_abs_log,
    cast(by_flow.n_two_sided_flows as integer) as n_two_sided_flows,
    by_flow.two_sided_median_abs_log,
    by_flow.two_sided_mean_clipped_abs_log,
    by_importer.hhi_correlation,
    exporter_ranks.rank_correlation as exporter_rank_correlation,
    importer_ranks.rank_correlation as importer_rank_correlation,
    by_flow.level_ratio,
    {{ settled('intervals.coverage') }} as interval_coverage,
    {{ settled('intervals.median_width') }} as interval_median_width,
    {{ settled('intervals.mean_width') }} as interval_mean_width,
    {{ settled('intervals.both_reports_coverage') }} as both_reports_coverage,
    {{ settled('intervals.both_reports_median_width') }} as both_reports_median_width,
    {{ settled('intervals.both_reports_mean_width') }} as both_reports_mean_width
from by_importer
inner join by_flow
    on
        by_importer.reconciliation_method = by_flow.reconciliation_method
        and by_importer.figure_kind = by_flow.figure_kind
        and by_importer.hs_code = by_flow.hs_code
        and by_importer.year = by_flow.year
inner join rank_correlations as exporter_ranks
    on
        by_importer.reconciliation_method = exporter_ranks.reconciliation_method
        and by_importer.figure_kind = exporter_ranks.figure_kind
        and by_importer.hs_code = exporter_ranks.hs_code
        and by_importer.year = exporter_ranks.year
        and exporter_ranks.trader_role = 'exporter'
inner join rank_correlations as importer_ranks
    on
        by_importer.reconciliation_method = importer_ranks.reconciliation_method
        and by_importer.figure_kind = importer_ranks.figure_kind
        and by_importer.hs_code = importer_ranks.hs_code
        and by_importer.year = importer_ranks.year
        and importer_ranks.trader_role = 'importer'
left join intervals
    on
        by_importer.reconciliation_method = 'reconciled'
        and by_importer.figure_kind = intervals.figure_kind
        and by_importer.hs_code = intervals.hs_code
        and by_importer.year = intervals.year
