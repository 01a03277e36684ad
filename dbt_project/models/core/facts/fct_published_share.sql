-- Grain: a partner's share of a reporter's trade in one product and period, as one release of an authority printed it.
with statements as (
    select * from {{ ref('int_published_shares__stated') }}
),

areas as (
    select * from {{ ref('seed_area') }}
),

shares as (
    select
        {{ statement_columns() }},
        share_measure,
        reporter_code,
        partner_code,
        flow,
        {{ product_key('statements.code_country', 'areas.iso2_code', 'statements.hs_code') }} as product_key,
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
    from statements
    left join areas on statements.code_country = areas.area_code
)

{{ named('shares', ['reporter_code', 'partner_code']) }}
