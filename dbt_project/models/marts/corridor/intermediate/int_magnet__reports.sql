-- Grain: one reporter's figure of one flow of magnets to or from India or China in one period: of a six-digit code,
-- or of a national line under it. A reported figure comes before one added up from national lines, and a year that a
-- reporter does not state is the sum of its twelve months.
-- noqa: disable=LT02
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
        failed_rules,
        {{ preference }} as preference
    from {{ ref(model) }}
    where is_preferred
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

built_years as (
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
        cast(null as varchar) as failed_rules,
        3 as preference
    from {{ ref('int_trade__built_years') }}
    where not is_partner_world
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
    case when figures.weight_status = 'reported' then figures.net_weight_kg end as net_weight_kg,
    figures.failed_rules
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
