-- Grain: one flow of a calendar year under an international six-digit code whose value at least one side reports, with
-- the gaps of flows that both report and that are more than a parcel. Records and spreads are estimated from products
-- and years of which all reporters are loaded. Estimated weights say nothing of a reporter and are null. Flows behind
-- the prior are left out.
with paired as (
    select * from {{ ref('int_mirror__paired') }}
    where
        period_type = 'calendar_year'
        and product_key = 'HS:' || hs_code
        and length(hs_code) = 6
        and not (
            hs_code in ({{ quoted(var('prior_codes')) }})
            and list_contains({{ var('prior_years') }}, year(period_start))
        )
),

flows as (
    select
        exporter_code,
        importer_code,
        product_key,
        period_start,
        max(x_figure) filter (where figure_kind = 'value' and x_status = 'reported' and x_figure > 0) as x_value,
        max(m_reported) filter (where figure_kind = 'value' and m_status = 'reported' and m_reported > 0) as m_value,
        max(x_figure) filter (where figure_kind = 'weight' and x_status = 'reported' and x_figure > 0) as x_weight,
        max(m_reported) filter (where figure_kind = 'weight' and m_status = 'reported' and m_reported > 0) as m_weight
    from paired
    group by exporter_code, importer_code, product_key, period_start
    having x_value is not null or m_value is not null
),

gaps as (
    select
        *,
        case
            when x_value + m_value > {{ var('panel_least_usd') }} then {{ settled('ln(x_value / m_value)') }}
        end as value_log_gap,
        case
            when x_value + m_value > {{ var('panel_least_usd') }} then {{ settled('ln(x_weight / m_weight)') }}
        end as weight_log_gap
    from flows
),

product_years as (
    select
        product_key,
        period_start,
        count(value_log_gap) >= {{ var('panel_least_pairs') }}
        and count(distinct exporter_code) filter (where x_value is not null) >= {{ var('panel_least_reporters') }}
        and count(distinct importer_code) filter (where m_value is not null) >= {{ var('panel_least_reporters') }}
            as has_all_reporters
    from gaps
    group by product_key, period_start
)

select
    gaps.*,
    product_years.has_all_reporters
from gaps
inner join product_years
    on
        gaps.product_key = product_years.product_key
        and gaps.period_start = product_years.period_start
