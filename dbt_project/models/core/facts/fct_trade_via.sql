-- Grain: one part of a reporter's flow as one release states it: its kind, or its second partner.
with statements as (
    select * from {{ ref('int_trade_via__stated') }}
),

published as (
    select
        {{ statement_columns() }},
        reporter_code,
        partner_code,
        partner_label,
        second_partner_code,
        second_partner_label,
        flow,
        flow_detail,
        'HS:' || hs_code as product_key,
        hs_code,
        hs_revision,
        period_type,
        period_start,
        period_end,
        value_usd,
        value_raw,
        value_status,
        net_weight_kg,
        weight_raw,
        weight_status,
        quantity,
        quantity_unit,
        valuation,
        partner_basis
    from statements
)

{{ named('published', ['reporter_code', 'partner_code', 'second_partner_code']) }}
