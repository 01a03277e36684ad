-- Grain: one reporter's imports of one product in one period by one source: how much comes from China, and how
-- concentrated the suppliers are. Shares are of the partners listed, or of the printed total where the source lists
-- China alone (share_basis). Years built from months stand in only where the source does not state the year itself.
with sums as (
    select * from {{ ref('int_dependence__sums') }}
    where
        supply_basis is null
        and not has_selected_partners
),

figures as (
    select * from {{ ref('int_trade__figures') }}
    where
        flow = 'import'
        and is_partner_world
),

areas as (
    select * from {{ ref('dim_area') }}
),

products as (
    select * from {{ ref('dim_product') }}
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
    group by source_code, figure_basis, reporter_code, product_key, period_type, period_start, period_end
)

select
    sums.source_code,
    sums.figure_basis,
    sums.importer_code as reporter_code,
    areas.area_name as reporter_name,
    sums.product_key,
    products.stage_code,
    products.stage_confidence,
    sums.period_type,
    sums.period_start,
    sums.period_end,
    sums.valuation,
    sums.n_partners,
    case when sums.is_china_alone then 'printed_total' else 'listed_partners' end as share_basis,
    totals.value_usd as printed_total_usd,
    sums.listed_usd,
    case when sums.listed_usd > 0 then sums.china_usd end as china_usd,
    case
        when sums.is_china_alone then {{ settled('sums.china_usd / nullif(totals.value_usd, 0)') }}
        when sums.listed_usd > 0 then sums.china_value_share
    end as china_value_share,
    case when not sums.is_china_alone then sums.value_hhi end as value_hhi,
    totals.net_weight_kg as printed_total_kg,
    sums.listed_kg,
    case when sums.listed_kg > 0 then sums.china_kg end as china_kg,
    case
        when sums.is_china_alone then {{ settled('sums.china_kg / nullif(totals.net_weight_kg, 0)') }}
        when sums.listed_kg > 0 then sums.china_weight_share
    end as china_weight_share,
    case when not sums.is_china_alone then sums.weight_hhi end as weight_hhi,
    sums.n_partners_without_weight,
    sums.has_estimated_weights,
    sums.has_lumped_partners
from sums
inner join areas on sums.importer_code = areas.area_code
inner join products on sums.product_key = products.product_key
left join totals
    on
        sums.source_code = totals.source_code
        and sums.figure_basis = totals.figure_basis
        and sums.importer_code = totals.reporter_code
        and sums.product_key = totals.product_key
        and sums.period_type = totals.period_type
        and sums.period_start = totals.period_start
        and sums.period_end = totals.period_end
where not sums.is_china_alone or coalesce(totals.value_usd, totals.net_weight_kg) is not null
