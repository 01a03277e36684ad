-- Grain: one flow as a reference data set reconciles it: exporter × importer × product × period. For scoring only.
with flows as (
    select * from {{ ref('int_trade_reference__stated') }}
),

published as (
    select
        {{ statement_columns() }},
        exporter_code,
        importer_code,
        'HS:' || hs_code as product_key,
        hs_code,
        hs_revision,
        period_type,
        period_start,
        period_end,
        value_usd,
        value_rounding_usd,
        value_raw,
        value_status,
        net_weight_kg,
        weight_rounding_kg,
        weight_raw,
        weight_status,
        coverage
    from flows
)

{{ named('published', ['exporter_code', 'importer_code']) }}
