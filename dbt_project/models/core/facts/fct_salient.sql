-- Grain: one statistic of a country's salient table in one period, as one release of one edition prints it.
with statements as (
    select * from {{ ref('int_salient__stated') }}
),

published as (
    select
        {{ statement_columns() }},
        country_code,
        commodity,
        element_symbol,
        salient_measure,
        salient_material,
        partner_code,
        partner_label,
        label,
        period_type,
        period_start,
        period_end,
        salient_value,
        salient_value_low,
        salient_value_high,
        salient_unit,
        unit_basis,
        value_raw,
        value_status,
        note
    from statements
)

{{ named('published', ['country_code', 'partner_code']) }}
