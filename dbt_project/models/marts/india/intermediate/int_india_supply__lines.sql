-- Grain: one of India's tariff lines that make up a stage × flow × year, calendar or fiscal, in kg and in tonnes of
-- rare-earth oxide. The printed total of the year comes first, then its twelve printed months; a line that a month
-- lacks counts as 0 in it where the month's lines add up to their code. Partners alone give the least and no most.
-- noqa: disable=LT02
{%- set years = [
    ('calendar_year', "cast(date_trunc('year', period_start) as date)"),
    ('fiscal_year', fiscal_year_start('period_start')),
] %}
with lines as (
    select
        products.product_key,
        products.parent_key,
        products.stage_code,
        factors.factor_low,
        factors.factor_high
    from {{ ref('dim_product') }} as products
    inner join {{ ref('int_products__reo_factors') }} as factors on products.product_key = factors.product_key
    where products.product_key in ({{ quoted(var('supply_lines')) }})
),

figures as (
    select
        *,
        coalesce(weight_rounding_kg, 0) as rounding_kg
    from {{ ref('int_trade__figures') }}
    where reporter_code = 'IND'
),

printed_years as (
    select
        figures.product_key,
        figures.flow,
        figures.period_type,
        figures.period_start,
        1 as preference,
        coalesce(figures.net_weight_kg, 0) as weight_kg,
        greatest(coalesce(figures.net_weight_kg, 0) - figures.rounding_kg, 0) as kg_low,
        coalesce(figures.net_weight_kg, 0) + figures.rounding_kg as kg_high
    from figures
    inner join lines on figures.product_key = lines.product_key
    where
        figures.is_partner_world
        and figures.period_type in ('calendar_year', 'fiscal_year')
        and (figures.net_weight_kg is not null or figures.weight_status = 'at_most')
),

months as (
    {%- for year_type, first_day in years %}
    select
        product_key,
        flow,
        source_code,
        figure_basis,
        is_partner_world,
        period_start,
        '{{ year_type }}' as period_type,
        {{ first_day }} as year_start,
        net_weight_kg,
        weight_status,
        rounding_kg
    from figures
    where period_type = 'month'
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- twelve months of the line itself, or of its code with all its lines added up
whole_years as (
    select
        lines.product_key,
        months.flow,
        months.source_code,
        months.period_type,
        months.year_start
    from months
    inner join lines
        on
            (months.is_partner_world and months.product_key = lines.product_key)
            or (months.figure_basis = 'rolled_up' and months.product_key = lines.parent_key)
    group by lines.product_key, months.flow, months.source_code, months.period_type, months.year_start
    having
        count(distinct months.period_start) filter (where months.product_key = lines.product_key) = 12
        or count(distinct months.period_start) filter (where months.product_key = lines.parent_key) = 12
),

built_years as (
    select
        whole_years.product_key,
        whole_years.flow,
        whole_years.period_type,
        whole_years.year_start as period_start,
        2 as preference,
        coalesce({{ exact_sum('months.net_weight_kg') }}, 0) as weight_kg,
        coalesce({{ exact_sum('greatest(months.net_weight_kg - months.rounding_kg, 0)') }}, 0) as kg_low,
        coalesce({{ exact_sum('coalesce(months.net_weight_kg, 0) + months.rounding_kg') }}, 0) as kg_high
    from whole_years
    left join months
        on
            whole_years.product_key = months.product_key
            and months.is_partner_world
            and whole_years.flow = months.flow
            and whole_years.source_code = months.source_code
            and whole_years.period_type = months.period_type
            and whole_years.year_start = months.year_start
    group by
        whole_years.product_key,
        whole_years.flow,
        whole_years.source_code,
        whole_years.period_type,
        whole_years.year_start
    having coalesce(bool_and(months.net_weight_kg is not null or months.weight_status = 'at_most'), true)
),

partners as (
    select
        figures.product_key,
        figures.flow,
        figures.period_type,
        figures.period_start,
        3 as preference,
        cast(null as double) as weight_kg,
        {{ exact_sum('greatest(figures.net_weight_kg - figures.rounding_kg, 0)') }} as kg_low,
        cast(null as double) as kg_high
    from figures
    inner join lines on figures.product_key = lines.product_key
    where
        not figures.is_partner_world
        and figures.period_type in ('calendar_year', 'fiscal_year')
        and figures.net_weight_kg is not null
    group by figures.source_code, figures.product_key, figures.flow, figures.period_type, figures.period_start
),

weighed as (
    select * from printed_years
    union all
    select * from built_years
    union all
    select * from partners
)

select
    lines.stage_code,
    weighed.product_key,
    weighed.flow,
    weighed.period_type,
    weighed.period_start,
    weighed.weight_kg,
    weighed.kg_low,
    weighed.kg_high,
    weighed.kg_low * lines.factor_low / 1000 as reo_tonnes_low,
    weighed.kg_high * lines.factor_high / 1000 as reo_tonnes_high
from weighed
inner join lines on weighed.product_key = lines.product_key
qualify row_number() over (
    partition by weighed.product_key, weighed.flow, weighed.period_type, weighed.period_start
    order by weighed.preference asc, weighed.kg_low desc
) = 1
