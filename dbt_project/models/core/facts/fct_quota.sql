-- Grain: what one release says of one quota: country × kind × year × batch × part.
with quotas as (
    select
        {{ statement_columns() }},
        country_code,
        quota_type,
        {{ calendar_year_columns('year') }},
        year,
        batch,
        earths,
        value_t as quota_t_reo,
        value_low_t as quota_t_reo_low,
        value_high_t as quota_t_reo_high,
        value_raw,
        value_status,
        basis_code,
        is_revised,
        make_date(year, 12, 31) > known_from as is_forward,
        page_url
    from {{ ref('int_quotas__stated') }}
)

{{ named('quotas', ['country_code']) }}
