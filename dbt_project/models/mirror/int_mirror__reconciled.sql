-- Grain: one flow between two countries and kind of figure: both reports made one figure, with its interval, and what
-- both are based on.
with weighted as (
    select * from {{ ref('int_mirror__weighted') }}
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
                and {{ exceeds('abs(log_gap)', log_factor('agree_within_factor')) }}
                then 'scope_differs'
            when w_exporter is not null then 'both_weighted'
            when x_used is not null and m_used is not null then 'both_unweighted'
            when x_used is not null then 'exporter_only'
            when m_used is not null then 'importer_only'
            else 'none'
        end as reconciled_basis
    from used_reports
),

intervals as (
    select
        *,
        case reconciled_basis
            when 'scope_differs' then null
            when 'both_weighted' then w_exporter * x_used + (1 - w_exporter) * m_used
            when 'both_unweighted' then sqrt(x_used * m_used)
            else coalesce(x_used, m_used)
        end as figure,
        case reconciled_basis
            when 'scope_differs' then null
            when 'both_weighted' then {{ mixed('least', 'x_used_low', 'm_used_low') }}
            when 'both_unweighted' then least(x_used_low, m_used_low)
            else least(x_used_low, m_used_low) * exp(-{{ var('interval_z') }} * coalesce(own_sd, 0))
        end as figure_low,
        case reconciled_basis
            when 'scope_differs' then null
            when 'both_weighted' then {{ mixed('greatest', 'x_used_high', 'm_used_high') }}
            when 'both_unweighted' then greatest(x_used_high, m_used_high)
            else greatest(x_used_high, m_used_high) * exp({{ var('interval_z') }} * coalesce(own_sd, 0))
        end as figure_high,
        case
            when reconciled_basis in ('scope_differs', 'none') then null
            when reconciled_basis = 'both_weighted' then 'weight_of_reports'
            when reconciled_basis = 'both_unweighted' then 'both_reports'
            when own_sd is not null then 'reporter_error'
            else 'rounding'
        end as interval_basis
    from bases
)

-- an interval holds its middle by construction: the bounds reach at least to it, and rounding keeps the order
select
    * replace (
        {{ settled('figure') }} as figure,
        {{ settled('least(figure_low, figure)') }} as figure_low,
        {{ settled('greatest(figure_high, figure)') }} as figure_high,
        case when reconciled_basis = 'both_weighted' then w_exporter end as w_exporter
    )
from intervals
