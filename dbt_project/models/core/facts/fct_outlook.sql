-- Grain: one figure of one year, country or use, and scenario, as one release of one edition of an outlook states it.
with published as (
    select
        {{ statement_columns() }},
        outlook_measure,
        element_scope,
        scope,
        country_code,
        country_label,
        magnet_use,
        outlook_scenario,
        cast(year(period_start) as integer) as year,
        period_type,
        period_start,
        period_end,
        value_kt as outlook_kt,
        {{ settled('value_kt * 1000') }} as outlook_t,
        value_raw,
        value_status,
        period_end > known_from as is_forward
    from {{ ref('int_outlook__stated') }}
)

{{ named('published', ['country_code']) }}
