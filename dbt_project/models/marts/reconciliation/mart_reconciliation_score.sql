-- Grain: one way of making one figure of two reports × HS code × year, scored against BACI where BACI is complete and
-- enough flows have both sides. BACI is read here and in no model of the mirror.
{%- set methods = [
    ('reconciled', 'value_usd'),
    ('importer_report', 'coalesce(m_fob_usd, x_fob_usd)'),
    ('exporter_report', 'coalesce(x_fob_usd, m_fob_usd)'),
    ('arithmetic_mean', 'coalesce((x_fob_usd + m_fob_usd) / 2, x_fob_usd, m_fob_usd)'),
    ('common_weight', 'coalesce(common_weight * x_fob_usd + (1 - common_weight) * m_fob_usd, x_fob_usd, m_fob_usd)'),
    ('fixed_weight', 'coalesce(fixed_weight * x_fob_usd + (1 - fixed_weight) * m_fob_usd, x_fob_usd, m_fob_usd)'),
] %}
with countries as (
    select area_code
    from {{ ref('dim_area') }}
    where area_type = 'country'
),

reference as (
    select
        {{ mirror_country('exporter_code') }} as exporter_code,
        {{ mirror_country('importer_code') }} as importer_code,
        hs_code,
        year(period_start) as year,
        {{ exact_sum('value_usd') }} as reference_usd,
        {{ exact_sum('coalesce(value_rounding_usd, 0)') }} as rounding_usd
    from {{ ref('fct_trade_reference') }}
    where
        is_latest
        and coverage = 'complete'
        and period_type = 'calendar_year'
    group by all
),

mirror as (
    select
        exporter_code,
        importer_code,
        hs_code,
        year(period_start) as year,
        x_fob_usd,
        m_fob_usd,
        value_usd,
        value_low_usd,
        value_high_usd,
        coalesce(x_fob_usd > 0 and m_fob_usd > 0, false) as has_both_sides,
        (
            select panels.common_exporter_weight
            from {{ ref('mart_reliability_panel') }} as panels
            where panels.figure_kind = 'value'
        ) as common_weight,
        {{ var('score_fixed_exporter_weight') }} as fixed_weight
    from {{ ref('fct_trade_mirror') }}
    where
        period_type = 'calendar_year'
        and product_key = 'HS:' || hs_code
),

scored_years as (
    select
        hs_code,
        year
    from mirror
    where has_both_sides
    group by hs_code, year
    having count(*) >= {{ var('score_least_flows') }}
    intersect
    select
        hs_code,
        year
    from reference
),

flows as (
    select
        coalesce(mirror.exporter_code, reference.exporter_code) as exporter_code,
        coalesce(mirror.importer_code, reference.importer_code) as importer_code,
        coalesce(mirror.hs_code, reference.hs_code) as hs_code,
        coalesce(mirror.year, reference.year) as year,
        mirror.* exclude (exporter_code, importer_code, hs_code, year),
        coalesce(reference.reference_usd, 0) as reference_usd,
        coalesce(reference.rounding_usd, 0) as rounding_usd
    from mirror
    full outer join reference
        on
            mirror.exporter_code = reference.exporter_code
            and mirror.importer_code = reference.importer_code
            and mirror.hs_code = reference.hs_code
            and mirror.year = reference.year
),

compared as (
    select flows.*
    from flows
    inner join scored_years
        on
            flows.hs_code = scored_years.hs_code
            and flows.year = scored_years.year
    where
        flows.exporter_code in (select countries.area_code from countries)
        and flows.importer_code in (select countries.area_code from countries)
),

estimates as (
    {%- for method, figure in methods %}
    select
        '{{ method }}' as reconciliation_method,
        hs_code,
        year,
        exporter_code,
        importer_code,
        coalesce({{ figure }}, 0) as estimate_usd,
        reference_usd
    from compared
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

shares as (
    select
        *,
        {{ settled('coalesce(' ~ share_of_sum('estimate_usd', over='importers') ~ ', 0)') }} as estimate_share,
        {{ settled('coalesce(' ~ share_of_sum('reference_usd', over='importers') ~ ', 0)') }} as reference_share,
        {{ exact_sum('reference_usd', over='importers') }} as importer_reference_usd
    from estimates
    window importers as (partition by reconciliation_method, hs_code, year, importer_code)
),

importers as (
    select
        reconciliation_method,
        hs_code,
        year,
        importer_code,
        {{ settled(exact_sum('abs(estimate_share - reference_share)', scale=15) ~ ' / 2') }} as share_error,
        {{ settled(hhi('estimate_share')) }} as estimate_hhi,
        {{ settled(hhi('reference_share')) }} as reference_hhi
    from shares
    where importer_reference_usd > {{ var('score_least_importer_usd') }}
    group by reconciliation_method, hs_code, year, importer_code
),

by_importer as (
    select
        reconciliation_method,
        hs_code,
        year,
        count(*) as n_importers,
        {{ settled(exact_mean('share_error', scale=15)) }} as supplier_share_error,
        {{ settled(exact_corr('estimate_hhi', 'reference_hhi')) }} as hhi_correlation
    from importers
    group by reconciliation_method, hs_code, year
),

by_flow as (
    select
        reconciliation_method,
        hs_code,
        year,
        count(*) filter (where reference_usd > {{ var('score_least_flow_usd') }} and estimate_usd > 0) as n_flows,
        {{ settled(
            'median(abs(ln(nullif(estimate_usd, 0) / nullif(reference_usd, 0))))'
            ' filter (where reference_usd > ' ~ var('score_least_flow_usd') ~ ')'
        ) }} as median_abs_log,
        {{ settled(exact_sum('estimate_usd') ~ ' / ' ~ exact_sum('reference_usd')) }} as level_ratio
    from estimates
    group by reconciliation_method, hs_code, year
),

traders as (
    {%- for role in ['exporter', 'importer'] %}
    select
        reconciliation_method,
        hs_code,
        year,
        '{{ role }}' as trader_role,
        {{ role }}_code as trader_code,
        {{ exact_sum('estimate_usd') }} as estimate_usd,
        {{ exact_sum('reference_usd') }} as reference_usd
    from estimates
    group by reconciliation_method, hs_code, year, {{ role }}_code
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

largest_traders as (
    select * from traders
    qualify
        row_number() over (
            partition by reconciliation_method, hs_code, year, trader_role
            order by reference_usd desc, trader_code asc
        ) <= {{ var('score_top_traders') }}
),

trader_ranks as (
    select
        reconciliation_method,
        hs_code,
        year,
        trader_role,
        rank() over (traders_of_a_role order by estimate_usd) as estimate_rank,
        rank() over (traders_of_a_role order by reference_usd) as reference_rank
    from largest_traders
    window traders_of_a_role as (partition by reconciliation_method, hs_code, year, trader_role)
),

rank_correlations as (
    select
        reconciliation_method,
        hs_code,
        year,
        trader_role,
        {{ settled(exact_corr('estimate_rank', 'reference_rank')) }} as rank_correlation
    from trader_ranks
    group by reconciliation_method, hs_code, year, trader_role
),

intervals as (
    select
        hs_code,
        year,
        count(*) as n_two_sided_flows,
        count(*) filter (
            where not {{ exceeds('value_low_usd', 'reference_usd + rounding_usd') }}
            and not {{ exceeds('reference_usd - rounding_usd', 'value_high_usd') }}
        ) / count(*) as coverage,
        median(ln(value_high_usd / nullif(value_low_usd, 0))) as median_width,
        {{ exact_mean('ln(value_high_usd / nullif(value_low_usd, 0))', scale=12) }} as mean_width,
        count(*) filter (
            where not {{ exceeds('least(x_fob_usd, m_fob_usd)', 'reference_usd + rounding_usd') }}
            and not {{ exceeds('reference_usd - rounding_usd', 'greatest(x_fob_usd, m_fob_usd)') }}
        ) / count(*) as both_reports_coverage,
        median(abs(ln(x_fob_usd / m_fob_usd))) as both_reports_median_width,
        {{ exact_mean('abs(ln(x_fob_usd / m_fob_usd))', scale=12) }} as both_reports_mean_width
    from compared
    where
        has_both_sides
        and reference_usd > {{ var('score_least_flow_usd') }}
    group by hs_code, year
)

select
    by_importer.reconciliation_method,
    by_importer.hs_code,
    {{ calendar_year_columns('by_importer.year') }},
    cast(by_importer.year as integer) as year,
    cast(by_importer.n_importers as integer) as n_importers,
    cast(by_flow.n_flows as integer) as n_flows,
    by_importer.supplier_share_error,
    by_flow.median_abs_log,
    by_importer.hhi_correlation,
    exporter_ranks.rank_correlation as exporter_rank_correlation,
    importer_ranks.rank_correlation as importer_rank_correlation,
    by_flow.level_ratio,
    cast(intervals.n_two_sided_flows as integer) as n_two_sided_flows,
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
        and by_importer.hs_code = by_flow.hs_code
        and by_importer.year = by_flow.year
inner join rank_correlations as exporter_ranks
    on
        by_importer.reconciliation_method = exporter_ranks.reconciliation_method
        and by_importer.hs_code = exporter_ranks.hs_code
        and by_importer.year = exporter_ranks.year
        and exporter_ranks.trader_role = 'exporter'
inner join rank_correlations as importer_ranks
    on
        by_importer.reconciliation_method = importer_ranks.reconciliation_method
        and by_importer.hs_code = importer_ranks.hs_code
        and by_importer.year = importer_ranks.year
        and importer_ranks.trader_role = 'importer'
left join intervals
    on
        by_importer.reconciliation_method = 'reconciled'
        and by_importer.hs_code = intervals.hs_code
        and by_importer.year = intervals.year
