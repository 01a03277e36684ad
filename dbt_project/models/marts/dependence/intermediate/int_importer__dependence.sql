-- Grain: one importer's supply of one product in one calendar year by one side's reports (supply_basis). A country's
-- own imports are the best row of mart_import_dependence, for value and for weight apart: a reported year before one
-- rolled up, before one built from months. A publisher that lists selected partners states China's part and no total:
-- it stands in where there is no such row.
{%- set order = "case figure_basis when 'reported' then 1 when 'rolled_up' then 2 else 3 end, source_code" %}
with imports as (
    select * from {{ ref('mart_import_dependence') }}
),

sums as (
    select * from {{ ref('int_dependence__sums') }}
),

reported as (
    select
        *,
        cast(year(period_start) as integer) as year
    from imports
    where
        reporter_code in ({{ quoted(var('importers')) }})
        and period_type = 'calendar_year'
        and product_key like 'HS:%'
        and share_basis = 'listed_partners'
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
        ) as has_weight_of_other_report,
        valued.valuation,
        false as has_selected_partners
    from valued
    full outer join weighed
        on
            valued.reporter_code = weighed.reporter_code
            and valued.product_key = weighed.product_key
            and valued.year = weighed.year
),

selected_sums as (
    select * from sums
    where
        has_selected_partners
        and lists_china
        and period_type = 'calendar_year'
        and importer_code in ({{ quoted(var('importers')) }})
    qualify row_number() over (partition by importer_code, product_key, period_start order by {{ order }}) = 1
),

-- codes of six digits, and headings that hold nothing but rare earths
selected as (
    select
        sums.importer_code,
        sums.product_key,
        cast(year(sums.period_start) as integer) as year,
        'import_reports' as supply_basis,
        cast(null as integer) as n_partners,
        cast(null as double) as listed_usd,
        case when sums.listed_usd is not null then sums.china_usd end as china_usd,
        cast(null as double) as china_value_share,
        cast(null as double) as value_hhi,
        cast(null as double) as listed_kg,
        case when sums.listed_kg is not null then sums.china_kg end as china_kg,
        cast(null as double) as china_weight_share,
        cast(null as double) as weight_hhi,
        cast(null as integer) as n_partners_without_weight,
        sums.has_estimated_weights,
        false as has_lumped_partners,
        sums.figure_basis = 'built_from_months' as is_built_from_months,
        false as has_weight_of_other_report,
        sums.valuation,
        true as has_selected_partners
    from selected_sums as sums
    inner join {{ ref('dim_product') }} as products on sums.product_key = products.product_key
    left join countries
        on
            sums.importer_code = countries.importer_code
            and sums.product_key = countries.product_key
            and year(sums.period_start) = countries.year
    where
        (products.code_level = 'HS6' or products.product_key in ({{ quoted(var('supply_headings')) }}))
        and countries.importer_code is null
),

added as (
    select
        importer_code,
        product_key,
        cast(year(period_start) as integer) as year,
        supply_basis,
        n_partners,
        listed_usd,
        china_usd,
        china_value_share,
        value_hhi,
        listed_kg,
        china_kg,
        china_weight_share,
        weight_hhi,
        n_partners_without_weight,
        has_estimated_weights,
        has_lumped_partners,
        false as is_built_from_months,
        false as has_weight_of_other_report,
        valuation,
        false as has_selected_partners
    from sums
    where supply_basis is not null
)

select * from countries
union all
select * from selected
union all
select * from added
