-- Grain: what one release of one edition says of one country's reserves as of one year.
with reserves as (
    select
        {{ statement_columns() }},
        country_code,
        period_type,
        period_start,
        period_end,
        year as as_of_year,
        value_t as reserves_t_reo,
        value_low_t as reserves_t_reo_low,
        value_high_t as reserves_t_reo_high,
        value_raw,
        value_status,
        basis_code,
        reason_code,
        is_revised,
        note,
        {{ mark('fct_reserves', 'is_current') }} as is_current
    from {{ ref('int_mineral_statistics__stated') }}
    where
        measure = 'reserves'
        and scope = 'country'
)

{{ named('reserves', ['country_code']) }}
