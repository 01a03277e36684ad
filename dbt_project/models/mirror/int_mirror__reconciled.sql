-- Grain: one flow between two countries and kind of figure: both reports made one figure, with its interval, and what
-- both are based on.
{{ config(materialized='incremental', meta={'year_part': 'mirror'}) }}
-- depends_on: {{ ref('int_mirror__method') }}
with weighted as (
    select * from {{ of_years(ref('int_mirror__weighted'), part='mirror') }}
),

scope_differences as (
    select * from {{ ref('seed_scope_difference') }}
),

-- an estimate gives way to the other side's report
scoped_pairs as (
    select
        weighted.*,
        scope_differences.note as scope_note,
        coalesce(weighted.x_status = 'estimated' and weighted.m_status = 'reported', false) as does_x_give_way,
        coalesce(weighted.m_status = 'estimated' and weighted.x_status = 'reported', false) as does_m_give_way
    from weighted
    left join scope_differences
        on
            weighted.product_key = scope_differences.product_key
            and scope_differences.reporter_code in (weighted.exporter_code, weighted.importer_code)
),

used_reports as (
    select
        *,
        case when not does_x_give_way then x_figure end as x_used,
        case when not does_x_give_way then x_low end as x_used_low,
        case when not does_x_give_way then x_high end as x_used_high,
        case when not does_m_give_way then m_figure end as m_used,
        case when not does_m_give_way then m_low end as m_used_low,
        case when not does_m_give_way then m_high end as m_used_high
    from scoped_pairs
),

-- weights of different goods are not made one figure; their values are, and the note says how to read them
bases as (
    select
        *,
        case
            when
                figure_kind = 'weight'
                and scope_note is not null
                and {{ exceeds('abs(log_gap)', log_factor('usual_within_factor')) }}
                then 'scope_differs'
            when x_used is not null and m_used is not null then 'both_weighted'
            when x_used is not null then 'exporter_only'
            when m_used is not null then 'importer_only'
            else 'none'
        end as reconciled_basis
    from used_reports
),

-- Student's t of two reports, Cauchy's distribution of one: gap_spread.py derives both. Where no side prints a number,
-- its bounds have the error of the side that states them.
errors as (
    select
        *,
        {{ settled(
            'case'
            " when reconciled_basis = 'both_weighted' then exp(" ~ var('quantile_both_reports')
            ~ ' * sqrt(record_weight * (1 - record_weight) * (both_variance + power(coalesce(log_gap, 0), 2)) / 2))'
            ' when x_used_high is not null and m_used is null'
            ' then exp(' ~ var('quantile_sole_report') ~ ' * sqrt(x_share * x_variance))'
            ' else exp(' ~ var('quantile_sole_report') ~ ' * sqrt(m_share * m_variance)) end'
        ) }} as error_factor,
        case when reconciled_basis = 'importer_only' then cif_ratio_high end as freight_factor
    from bases
),

-- the ends of both reports, and of the sole one, before the error of reporting: what rounding and freight leave open
intervals as (
    select
        *,
        case reconciled_basis
            when 'scope_differs' then null
            when 'both_weighted' then w_exporter * x_used + (1 - w_exporter) * m_used
            else coalesce(x_used, m_used)
        end as figure,
        case reconciled_basis
            when 'scope_differs' then null
            when 'both_weighted'
                then least(
                    power(x_used_low, record_weight) * power(m_used_low, 1 - record_weight) / error_factor,
                    case when suspect_weight is not null then least(x_used_low, m_used_low) end
                )
            else least(x_used_low, m_used_low) / error_factor / coalesce(freight_factor, 1)
        end as figure_low,
        case reconciled_basis
            when 'scope_differs' then null
            when 'both_weighted'
                then greatest(
                    power(x_used_high, record_weight) * power(m_used_high, 1 - record_weight) * error_factor,
                    case when suspect_weight is not null then greatest(x_used_high, m_used_high) end
                )
            else greatest(x_used_high, m_used_high) * error_factor
        end as figure_high
    from errors
)

-- an interval holds its middle, and the rounding around it
select
    fact_id,
    figure_kind,
    exporter_code,
    importer_code,
    product_key,
    hs_code,
    period_type,
    period_start,
    period_end,
    m_figure,
    log_gap,
    cif_ratio,
    cif_ratio_high,
    cif_ratio_basis,
    {{ settled('figure') }} as figure,
    {{ settled('least(figure_low, figure)') }} as figure_low,
    {{ settled('greatest(figure_high, figure)') }} as figure_high,
    case when reconciled_basis = 'both_weighted' then w_exporter end as w_exporter,
    case when reconciled_basis = 'both_weighted' then record_basis end as record_basis,
    reconciled_basis,
    case when figure is not null then gap_basis end as interval_basis,
    x_anomaly,
    m_anomaly,
    scope_note
from intervals
