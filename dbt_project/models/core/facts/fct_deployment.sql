-- Grain: what one release says a country put to use in one period: use × class.
with published as (
    select
        {{ statement_columns() }},
        country_code,
        magnet_use,
        use_class,
        period_type,
        period_start,
        period_end,
        deployed,
        deployed_rounding,
        deployed_unit,
        value_raw,
        value_status,
        page_url
    from {{ ref('int_deployment__stated') }}
)

{{ named('published', ['country_code']) }}
