-- Grain: one flow of a calendar year under an international six-digit code that both sides report: what reliability is
-- estimated from. Estimated weights judge nobody and stay out.
select
    exporter_code,
    importer_code,
    product_key,
    period_start,
    x_fob_usd,
    m_fob_usd,
    case when x_weight_status = 'reported' and m_weight_status = 'reported' then x_weight_kg end as x_weight_kg,
    case when x_weight_status = 'reported' and m_weight_status = 'reported' then m_weight_kg end as m_weight_kg
from {{ ref('int_mirror__paired') }}
where
    period_type = 'calendar_year'
    and product_key = 'HS:' || hs_code
    and length(hs_code) = 6
    and x_fob_usd > 0
    and m_fob_usd > 0
