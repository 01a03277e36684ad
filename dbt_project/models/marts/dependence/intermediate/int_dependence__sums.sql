-- Grain: one importer's supply of one product in one period by one account: what all suppliers sent, how much of it is
-- China's, and how concentrated the suppliers are. An account is one source's imports (source_code, figure_basis:
-- int_dependence__reports), or deliveries added up over reporters (supply_basis).
with reports as (
    select * from {{ ref('int_dependence__reports') }}
),

supplies as (
    select * from {{ ref('int_importer__supplies') }}
),

deliveries as (
    select
        cast(null as varchar) as source_code,
        cast(null as varchar) as figure_basis,
        supply_basis,
        importer_code,
        product_key,
        'calendar_year' as period_type,
        make_date(year, 1, 1) as period_start,
        make_date(year, 12, 31) as period_end,
        supplier_code,
        value_usd,
        net_weight_kg,
        n_flows_without_weight > 0 as lacks_weight,
        has_estimated_weights,
        valuation,
        false as has_selected_partners
    from supplies
),

{{ supply_sums() }}

select * from reports
union all
select * from sums
