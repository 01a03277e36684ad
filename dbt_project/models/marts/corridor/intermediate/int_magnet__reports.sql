-- Grain: one reporter's figure of one flow of magnets to or from India or China in one period: of a six-digit code,
-- or of a national line under it. A reported figure comes before one added up from national lines, and a year that a
-- reporter does not state is the sum of its twelve months. Months in local money add up only where all twelve state
-- it.
with products as (
    select * from {{ ref('int_magnet__products') }}
),

stated as (
    {%- for model, preference in [('trade_preferred_all_levels', 1), ('fct_trade_rollup', 2)] %}
    select
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        period_start,
        period_end,
        valuation,
        value_usd,
        value_local,
        currency_code,
        net_weight_kg,
        weight_status,
        {{ preference }} as preference
    from {{ ref(model) }}
    where is_preferred
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

local_years as (
    select
        reporter_code,
        partner_code,
        flow,
        product_key,
        year(period_start) as year,
        max(currency_code) as currency_code,
        {{ exact_sum('value_local') }} as value_local
    from stated
    where period_type = 'month'
    group by reporter_code, partner_code, flow, product_key, year(period_start)
    having
        count(value_local) = 12
        and count(distinct currency_code) = 1
),

built_years as (
    select
        built.reporter_code,
        built.partner_code,
        built.flow,
        built.product_key,
        {{ calendar_year_columns('built.year') }},
        built.valuation,
        built.value_usd,
        local_years.value_local,
        local_years.currency_code,
        built.net_weight_kg,
        built.weight_status,
        3 as preference
    from {{ ref('int_trade__built_years') }} as built
    left join local_years
        on
            built.reporter_code = local_years.reporter_code
            and built.partner_code = local_years.partner_code
            and built.flow = local_years.flow
            and built.product_key = local_years.product_key
            and built.year = local_years.year
),

figures as (
    select * from stated
    union all
    select * from built_years
)

select
    figures.reporter_code,
    case figures.flow when 'export' then figures.reporter_code else figures.partner_code end as exporter_code,
    case figures.flow when 'export' then figures.partner_code else figures.reporter_code end as importer_code,
    figures.flow,
    figures.product_key,
    figures.period_type,
    figures.period_start,
    figures.period_end,
    figures.valuation,
    figures.value_usd,
    figures.value_local,
    case when figures.value_local is not null then figures.currency_code end as currency_code,
    case when figures.weight_status = 'reported' then figures.net_weight_kg end as net_weight_kg
from figures
inner join products on figures.product_key = products.product_key
where
    figures.reporter_code <> figures.partner_code
    and (figures.reporter_code in ('IND', 'CHN') or figures.partner_code in ('IND', 'CHN'))
qualify row_number() over (
    partition by
        figures.reporter_code, figures.partner_code, figures.flow, figures.product_key, figures.period_type,
        figures.period_start, figures.period_end
    order by figures.preference
) = 1
