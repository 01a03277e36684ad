-- Grain: one value or weight of a calendar year's flow under an international six-digit code that both sides report,
-- where both values together are more than a parcel. Reliability is estimated from these rows. Estimated weights say
-- nothing of a reporter and stay out.
with paired as (
    select
        *,
        max(x_figure + m_figure) filter (where figure_kind = 'value' and log_gap is not null)
            over (partition by fact_id) as both_values_usd
    from {{ ref('int_mirror__paired') }}
    where
        period_type = 'calendar_year'
        and product_key = 'HS:' || hs_code
        and length(hs_code) = 6
)

select
    exporter_code,
    importer_code,
    product_key,
    period_start,
    figure_kind,
    x_figure,
    m_figure,
    log_gap
from paired
where
    x_status = 'reported'
    and m_status = 'reported'
    and log_gap is not null
    and both_values_usd > {{ var('panel_least_usd') }}
