-- Grain: one importer's supply of one product in one calendar year by one side's reports (supply_basis). A country's
-- own imports are the best row of mart_import_dependence, for value and for weight apart: a reported year before one
-- rolled up, before one built from months.
{%- set order = "case figure_basis when 'reported' then 1 when 'rolled_up' then 2 else 3 end, source_code" %}
with reported as (
    select
        *,
        cast(year(period_start) as integer) as year
    from {{ ref('mart_import_dependence') }}
    where
        reporter_code in ({{ quoted(var('stakeholders')) }})
        and period_type = 'calendar_year'
        and product_key like 'HS:%'
),

valued as (
    select * from reported
    where listed_usd > 0
    qualify row_number() over (partition by reporter_code, product_key, year order by {{ order }}) = 1
),

weighed as (
    select * from reported
    where listed_kg > 0
    qualify row_number() over (
        partition by reporter_code, product_key, year
        order by has_estimated_weights, {{ order }}
    ) = 1
),

countries as (
    select
        coalesce(valued.reporter_code, weighed.reporter_code) as importer_code,
        coalesce(valued.product_key, weighed.product_key) as product_key,
        coalesce(valued.year, weighed.year) as year,
        'import_reports' as supply_basis,
        valued.n_partners,
        valued.listed_usd,
        valued.china_usd,
        valued.china_value_share,
        valued.value_hhi,
        weighed.listed_kg,
        weighed.china_kg,
        weighed.china_weight_share,
        weighed.weight_hhi,
        weighed.n_partners_without_weight,
        weighed.has_estimated_weights,
        coalesce(valued.has_lumped_partners, weighed.has_lumped_partners) as has_lumped_partners,
        coalesce(valued.figure_basis, weighed.figure_basis) = 'built_from_months' as is_built_from_months,
        coalesce(
            valued.source_code <> weighed.source_code or valued.figure_basis <> weighed.figure_basis, false
        ) as has_weight_of_other_report
    from valued
    full outer join weighed
        on
            valued.reporter_code = weighed.reporter_code
            and valued.product_key = weighed.product_key
            and valued.year = weighed.year
),

suppliers as (
    select
        *,
        {{ settled(share_of_sum('value_usd', over='same_importer')) }} as value_share,
        {{ settled(share_of_sum('net_weight_kg', over='same_importer')) }} as weight_share
    from {{ ref('int_stakeholder__supplies') }}
    window same_importer as (partition by importer_code, product_key, year, supply_basis)
),

added as (
    select
        importer_code,
        product_key,
        year,
        supply_basis,
        cast(count(*) as integer) as n_partners,
        {{ exact_sum('value_usd') }} as listed_usd,
        coalesce({{ exact_sum('value_usd', where="supplier_code = 'CHN'") }}, 0) as china_usd,
        {{ settled("coalesce(" ~ exact_sum("value_share", where="supplier_code = 'CHN'", scale=15) ~ ", 0)") }}
            as china_value_share,
        {{ settled(hhi('value_share')) }} as value_hhi,
        {{ exact_sum('net_weight_kg') }} as listed_kg,
        coalesce({{ exact_sum('net_weight_kg', where="supplier_code = 'CHN'") }}, 0) as china_kg,
        {{ settled("coalesce(" ~ exact_sum("weight_share", where="supplier_code = 'CHN'", scale=15) ~ ", 0)") }}
            as china_weight_share,
        {{ settled(hhi('weight_share')) }} as weight_hhi,
        cast(count(*) filter (where n_flows_without_weight > 0) as integer) as n_partners_without_weight,
        bool_or(has_estimated_weights) as has_estimated_weights,
        bool_or(supplier_code = 'XOTH') as has_lumped_partners,
        false as is_built_from_months,
        false as has_weight_of_other_report
    from suppliers
    group by importer_code, product_key, year, supply_basis
)

select * from countries
union all
select * from added
