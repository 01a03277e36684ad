-- Grain: one flow that two layouts of one publisher state: both figures and whether they agree within rounding.
with published as (
    select
        fact_id,
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        period_start,
        period_end,
        value_usd,
        other_value_usd,
        value_tolerance_usd,
        is_value_agreed,
        net_weight_kg,
        other_net_weight_kg,
        weight_tolerance_kg,
        is_weight_agreed
    from {{ ref('int_trade__layout_pairs') }}
)

{{ named('published', ['reporter_code', 'partner_code']) }}
