-- Grain: one importer's magnets of metal, or their rare-earth line, in one year by one account: BACI (reference) or the
-- importer's own reports. China's share of the suppliers listed is the most it can be where only the largest partners
-- are listed, since China's flow is among them; the least is with all that no flow holds in the world beside it.
with sums as (
    select
        *,
        coalesce(supply_basis, 'import_reports') as basis
    from {{ ref('int_dependence__sums') }}
    where
        product_key in ({{ quoted(var('dependence_codes')) }})
        and importer_code in ({{ quoted(var('dependence_importers') + [var('importer_group')]) }})
        and period_type in ('calendar_year', 'fiscal_year')
        and not has_selected_partners
        and listed_usd > 0
),

-- the account of an importer: a reported year before one rolled up, before one built from months
accounts as (
    select * from sums
    where basis in ('import_reports', 'reference')
    qualify row_number() over (
        partition by importer_code, product_key, basis, period_type, period_start
        order by
            is_china_alone,
            case figure_basis when 'reported' then 1 when 'rolled_up' then 2 else 3 end,
            source_code
    ) = 1
),

imports as (
    select * from {{ ref('mart_import_dependence') }}
),

whole_groups as (
    select * from {{ ref('mart_importer_supply') }}
    where
        importer_code = '{{ var("importer_group") }}'
        and is_complete
),

reference as (
    select
        product_key,
        period_start,
        max(source_code) as source_code,
        max(coverage) filter (where coverage <> 'world_total') as coverage,
        greatest(
            max(value_usd) filter (where coverage = 'world_total')
            - {{ exact_sum('value_usd', where="coverage <> 'world_total'") }},
            0
        ) as unlisted_usd
    from {{ ref('fct_trade_reference') }}
    where is_latest
    group by product_key, period_start
),

shares as (
    select
        accounts.importer_code,
        accounts.product_key,
        accounts.basis as supply_basis,
        coalesce(accounts.source_code, reference.source_code) as source_code,
        accounts.period_type,
        accounts.period_start,
        accounts.period_end,
        coalesce(reference.coverage, 'complete') as coverage,
        case when accounts.is_china_alone then imports.printed_total_usd else accounts.listed_usd end as listed_usd,
        accounts.china_usd,
        coalesce(reference.unlisted_usd, 0) as unlisted_usd,
        case when accounts.is_china_alone then imports.china_value_share else accounts.china_value_share end
            as china_value_share,
        case
            when accounts.is_china_alone then imports.china_weight_share
            when accounts.listed_kg > 0 and not accounts.has_estimated_weights then accounts.china_weight_share
        end as china_weight_share,
        case when not accounts.is_china_alone then accounts.hub_usd end as hub_usd
    from accounts
    left join imports
        on
            accounts.basis = 'import_reports'
            and accounts.source_code = imports.source_code
            and accounts.figure_basis = imports.figure_basis
            and accounts.importer_code = imports.reporter_code
            and accounts.product_key = imports.product_key
            and accounts.period_type = imports.period_type
            and accounts.period_start = imports.period_start
    left join reference
        on
            accounts.basis = 'reference'
            and accounts.product_key = reference.product_key
            and accounts.period_start = reference.period_start
    left join whole_groups
        on
            accounts.importer_code = whole_groups.importer_code
            and accounts.product_key = whole_groups.product_key
            and accounts.period_start = whole_groups.period_start
    where
        accounts.basis = 'reference'
        or accounts.importer_code <> '{{ var("importer_group") }}'
        or whole_groups.importer_code is not null
)

select
    shares.importer_code,
    areas.area_name as importer_name,
    shares.product_key,
    shares.supply_basis,
    shares.source_code,
    shares.period_type,
    shares.period_start,
    shares.period_end,
    shares.coverage,
    shares.listed_usd,
    shares.china_usd,
    {{ settled('shares.china_usd / (shares.listed_usd + shares.unlisted_usd)') }} as china_value_share_low,
    shares.china_value_share,
    shares.china_weight_share,
    {{ settled('shares.hub_usd / shares.listed_usd') }} as hub_value_share,
    {{ settled('shares.china_usd / nullif(shares.listed_usd - shares.hub_usd, 0)') }} as china_value_share_without_hubs,
    shares.product_key = 'HS:850511'
    and shares.importer_code in ({{ quoted(var('importers_that_file_ferrite')) }}) as may_hold_ferrite
from shares
inner join {{ ref('dim_area') }} as areas on shares.importer_code = areas.area_code
where shares.listed_usd > 0
