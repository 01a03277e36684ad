-- Grain: one reporter's imports of one product in one period by one source: how much comes from China, and how
-- concentrated the suppliers are. Shares are of the partners listed; the printed total stands beside them. Years built
-- from months stand in only where the source does not state the year itself.
with stated as (
    select
        source_code,
        figure_basis,
        reporter_code,
        partner_code,
        is_partner_world,
        product_key,
        period_type,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        weight_status
    from {{ ref('int_trade__figures') }}
    where
        flow = 'import'
        and reporter_code <> partner_code
),

built as (
    select
        source_code,
        'built_from_months' as figure_basis,
        reporter_code,
        partner_code,
        false as is_partner_world,
        product_key,
        'calendar_year' as period_type,
        make_date(year, 1, 1) as period_start,
        make_date(year, 12, 31) as period_end,
        value_usd,
        net_weight_kg,
        weight_status
    from {{ ref('int_trade__built_years') }} as years
    where
        flow = 'import'
        and reporter_code <> partner_code
        and not exists (
            select 1
            from stated
            where
                stated.source_code = years.source_code
                and stated.reporter_code = years.reporter_code
                and stated.product_key = years.product_key
                and stated.figure_basis = 'reported'
                and stated.period_type = 'calendar_year'
                and stated.period_start = make_date(years.year, 1, 1)
        )
),

figures as (
    select * from stated
    union all
    select * from built
),

partners as (
    select
        *,
        {{ settled(share_of_sum('value_usd', over='same_flow')) }} as value_share,
        {{ settled(share_of_sum('net_weight_kg', over='same_flow')) }} as weight_share
    from figures
    where not is_partner_world
    window same_flow as (
        partition by source_code, figure_basis, reporter_code, product_key, period_type, period_start, period_end
    )
),

totals as (
    select
        source_code,
        figure_basis,
        reporter_code,
        product_key,
        period_type,
        period_start,
        period_end,
        max(value_usd) as value_usd,
        max(net_weight_kg) as net_weight_kg
    from figures
    where is_partner_world
    group by source_code, figure_basis, reporter_code, product_key, period_type, period_start, period_end
),

added as (
    select
        source_code,
        figure_basis,
        reporter_code,
        product_key,
        period_type,
        period_start,
        period_end,
        count(*) as n_partners,
        {{ exact_sum('value_usd') }} as listed_usd,
        coalesce({{ exact_sum('value_usd', where="partner_code = 'CHN'") }}, 0) as china_usd,
        {{ settled("coalesce(" ~ exact_sum("value_share", where="partner_code = 'CHN'", scale=15) ~ ", 0)") }}
            as china_value_share,
        {{ settled(hhi('value_share')) }} as value_hhi,
        {{ exact_sum('net_weight_kg') }} as listed_kg,
        coalesce({{ exact_sum('net_weight_kg', where="partner_code = 'CHN'") }}, 0) as china_kg,
        {{ settled("coalesce(" ~ exact_sum("weight_share", where="partner_code = 'CHN'", scale=15) ~ ", 0)") }}
            as china_weight_share,
        {{ settled(hhi('weight_share')) }} as weight_hhi,
        count(*) filter (where value_usd > 0 and net_weight_kg is null) as n_partners_without_weight,
        bool_or(weight_status = 'estimated') as has_estimated_weights,
        bool_or(partner_code = 'XOTH') as has_lumped_partners
    from partners
    group by source_code, figure_basis, reporter_code, product_key, period_type, period_start, period_end
    having count(*) > 1 or bool_or(partner_code <> 'CHN')
)

select
    added.source_code,
    added.figure_basis,
    added.reporter_code,
    areas.area_name as reporter_name,
    added.product_key,
    products.stage_code,
    products.stage_confidence,
    added.period_type,
    added.period_start,
    added.period_end,
    cast(added.n_partners as integer) as n_partners,
    totals.value_usd as printed_total_usd,
    added.listed_usd,
    case when added.listed_usd > 0 then added.china_usd end as china_usd,
    case when added.listed_usd > 0 then added.china_value_share end as china_value_share,
    added.value_hhi,
    totals.net_weight_kg as printed_total_kg,
    added.listed_kg,
    case when added.listed_kg > 0 then added.china_kg end as china_kg,
    case when added.listed_kg > 0 then added.china_weight_share end as china_weight_share,
    added.weight_hhi,
    cast(added.n_partners_without_weight as integer) as n_partners_without_weight,
    added.has_estimated_weights,
    added.has_lumped_partners
from added
inner join {{ ref('dim_area') }} as areas on added.reporter_code = areas.area_code
inner join {{ ref('dim_product') }} as products on added.product_key = products.product_key
left join totals
    on
        added.source_code = totals.source_code
        and added.figure_basis = totals.figure_basis
        and added.reporter_code = totals.reporter_code
        and added.product_key = totals.product_key
        and added.period_type = totals.period_type
        and added.period_start = totals.period_start
        and added.period_end = totals.period_end
