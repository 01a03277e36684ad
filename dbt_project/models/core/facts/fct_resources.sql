-- Grain: what one release says of one in-situ resource: country × region × deposit × substance × period it is as of.
with resources as (
    select
        {{ statement_columns() }},
        country_code,
        region_code,
        region_label as region_name,
        deposit,
        substance,
        case
            when as_of_start = as_of_end then 'day'
            when as_of_end = last_day(as_of_start) then 'month'
            else 'calendar_year'
        end as period_type,
        as_of_start as period_start,
        as_of_end as period_end,
        case when region_code is not null then 'region' when deposit = 'all' then 'country' else 'deposit' end
            as resource_level,
        case when substance = 'reo' then value_t end as resources_t_reo,
        case when substance = 'reo' then value_low_t end as resources_t_reo_low,
        case when substance = 'reo' then value_high_t end as resources_t_reo_high,
        case when substance = 'monazite' then value_t end as resources_t_monazite,
        value_rounding_t,
        value_raw,
        value_status,
        basis_code,
        is_revised,
        page_url
    from {{ ref('int_resources__stated') }}
),

marked as (
    select
        *,
        {{ mark('fct_resources', 'is_current_at_level') }} as is_current_at_level
    from resources
)

{{ named('marked', ['country_code']) }}
