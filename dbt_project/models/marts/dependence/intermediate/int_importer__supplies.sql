-- Grain: one supplier's deliveries of one product to one importer in one calendar year, by one side's reports: the
-- imports of the European Union's members from outside it, added up as those of one importer (import_reports), and
-- what exporters say they sent to each importer (exporter_mirror). Imports of single countries are in
-- mart_import_dependence.
with flows as (
    select
        reporter_code,
        partner_code,
        flow,
        product_key,
        cast(year(period_start) as integer) as year,
        value_usd,
        net_weight_kg,
        weight_status,
        valuation
    from {{ ref('trade_preferred_all_levels') }}
    where
        period_type = 'calendar_year'
        and product_key like 'HS:%'
        and reporter_code <> partner_code
),

members as (
    select
        years.year,
        members.group_code,
        members.member_code
    from (select distinct flows.year from flows) as years
    inner join {{ ref('area_group_member') }} as members
        on
            members.group_code = '{{ var("importer_group") }}'
            and make_date(years.year, 1, 1) >= members.member_from
            and coalesce(make_date(years.year, 12, 31) <= members.member_to, true)
),

member_imports as (
    select
        buyers.group_code as importer_code,
        flows.product_key,
        flows.year,
        'import_reports' as supply_basis,
        flows.partner_code as supplier_code,
        flows.reporter_code,
        flows.value_usd,
        flows.net_weight_kg,
        flows.weight_status,
        flows.valuation
    from flows
    inner join members as buyers
        on
            flows.reporter_code = buyers.member_code
            and flows.year = buyers.year
    left join members as sellers
        on
            flows.partner_code = sellers.member_code
            and flows.year = sellers.year
    where
        flows.flow = 'import'
        and sellers.member_code is null
),

mirrored as (
    select
        flows.partner_code as importer_code,
        flows.product_key,
        flows.year,
        'exporter_mirror' as supply_basis,
        flows.reporter_code as supplier_code,
        flows.reporter_code,
        flows.value_usd,
        flows.net_weight_kg,
        flows.weight_status,
        flows.valuation
    from flows
    where
        flows.flow = 'export'
        and flows.partner_code in ({{ quoted(var('importers')) }})
),

mirrored_group as (
    select
        buyers.group_code as importer_code,
        flows.product_key,
        flows.year,
        'exporter_mirror' as supply_basis,
        flows.reporter_code as supplier_code,
        flows.reporter_code,
        flows.value_usd,
        flows.net_weight_kg,
        flows.weight_status,
        flows.valuation
    from flows
    inner join members as buyers
        on
            flows.partner_code = buyers.member_code
            and flows.year = buyers.year
    left join members as sellers
        on
            flows.reporter_code = sellers.member_code
            and flows.year = sellers.year
    where
        flows.flow = 'export'
        and sellers.member_code is null
),

deliveries as (
    select * from member_imports
    union all
    select * from mirrored
    union all
    select * from mirrored_group
)

select
    importer_code,
    product_key,
    year,
    supply_basis,
    supplier_code,
    {{ exact_sum('value_usd') }} as value_usd,
    {{ exact_sum('net_weight_kg') }} as net_weight_kg,
    count(*) filter (where value_usd > 0 and net_weight_kg is null) as n_flows_without_weight,
    bool_or(weight_status = 'estimated') as has_estimated_weights,
    {{ common_valuation('valuation') }} as valuation
from deliveries
group by importer_code, product_key, year, supply_basis, supplier_code
