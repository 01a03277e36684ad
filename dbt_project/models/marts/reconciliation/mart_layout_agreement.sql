-- Grain: one latest fact × one other statement of its flow in a coarser layout of its publisher: both figures and
-- whether they agree within rounding.
with published as (
    select
        fact_id,
        other_artifact_sha256,
        other_artifact_row,
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
