-- Grain: a partner's share of a reporter's trade in one product and period, as one release of an authority printed it.
select
    {{ statement_columns() }},
    share_measure,
    reporter_code,
    partner_code,
    flow,
    {{ product_key('code_country', 'hs_code') }} as product_key,
    hs_code,
    period_type,
    period_start,
    period_end,
    share,
    share_rounding,
    value_raw,
    value_status,
    basis_code,
    is_revised
from {{ ref('int_published_shares__stated') }}
