-- Grain: one stage × flow × year, calendar or fiscal, of India's trade with the world in US$, by the code or line that
-- stands for the stage (var supply_values). The printed total of the year, else twelve printed months added up.
-- noqa: disable=LT02
with keys as (
    select listed.*
    from (
        values
        {%- for stage_code, product_key in var('supply_values').items() %}
        ('{{ stage_code }}', '{{ product_key }}'){% if not loop.last %},{% endif %}
        {%- endfor %}
    ) as listed (stage_code, product_key)
),

figures as (
    select
        flow,
        product_key,
        period_type,
        period_start,
        1 as preference,
        value_usd,
        value_low_usd,
        value_high_usd
    from {{ ref('int_trade__figures') }}
    where
        reporter_code = 'IND'
        and is_partner_world
        and period_type in ('calendar_year', 'fiscal_year')
    union all
    select
        flow,
        product_key,
        period_type,
        period_start,
        2 as preference,
        value_usd,
        value_low_usd,
        value_high_usd
    from {{ ref('int_trade__built_years') }}
    where
        reporter_code = 'IND'
        and is_partner_world
)

select
    keys.stage_code,
    figures.flow,
    figures.period_type,
    figures.period_start,
    figures.value_usd,
    figures.value_low_usd,
    figures.value_high_usd
from figures
inner join keys on figures.product_key = keys.product_key
where figures.value_usd is not null
qualify row_number() over (
    partition by keys.stage_code, figures.flow, figures.period_type, figures.period_start
    order by figures.preference, figures.value_high_usd - figures.value_low_usd, figures.value_usd
) = 1
