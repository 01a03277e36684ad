-- Grain: one importer's supply of one product in one period by one account: what all suppliers sent, how much of it is
-- China's, and how concentrated the suppliers are. An account is one source's imports (source_code, figure_basis), or
-- deliveries added up over reporters (supply_basis). Years built from months are an account only where the source does
-- not state the year itself. Shares are of the suppliers listed; a listing of selected partners has none that means
-- anything (has_selected_partners).
with figures as (
    select * from {{ ref('int_trade__figures') }}
    where
        flow = 'import'
        and reporter_code <> partner_code
),

built_years as (
    select * from {{ ref('int_trade__built_years') }}
    where
        flow = 'import'
        and not is_partner_world
        and reporter_code <> partner_code
),

supplies as (
    select * from {{ ref('int_importer__supplies') }}
),

reported_years as (
    select distinct
        source_code,
        reporter_code,
        product_key,
        period_type,
        period_start
    from figures
    where
        figure_basis = 'reported'
        or period_type = 'fiscal_year'
),

deliveries as (
    select
        source_code,
        figure_basis,
        cast(null as varchar) as supply_basis,
        reporter_code as importer_code,
        product_key,
        period_type,
        period_start,
        period_end,
        partner_code as supplier_code,
        value_usd,
        net_weight_kg,
        coalesce(value_usd > 0 and net_weight_kg is null, false) as lacks_weight,
        weight_status = 'estimated' as has_estimated_weights,
        valuation,
        source_code in ({{ quoted(var('sources_of_selected_partners')) }}) as has_selected_partners
    from figures
    where not is_partner_world
    union all
    select
        built_years.source_code,
        'built_from_months' as figure_basis,
        cast(null as varchar) as supply_basis,
        built_years.reporter_code as importer_code,
        built_years.product_key,
        built_years.period_type,
        built_years.period_start,
        built_years.period_end,
        built_years.partner_code as supplier_code,
        built_years.value_usd,
        built_years.net_weight_kg,
        coalesce(built_years.value_usd > 0 and built_years.net_weight_kg is null, false) as lacks_weight,
        built_years.weight_status = 'estimated' as has_estimated_weights,
        built_years.valuation,
        built_years.source_code in ({{ quoted(var('sources_of_selected_partners')) }}) as has_selected_partners
    from built_years
    left join reported_years
        on
            built_years.source_code = reported_years.source_code
            and built_years.reporter_code = reported_years.reporter_code
            and built_years.product_key = reported_years.product_key
            and built_years.period_type = reported_years.period_type
            and built_years.period_start = reported_years.period_start
    where reported_years.period_start is null
    union all
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

shares as (
    select
        *,
        {{ settled(share_of_sum('value_usd', over='same_supply')) }} as value_share,
        {{ settled(share_of_sum('net_weight_kg', over='same_supply')) }} as weight_share
    from deliveries
    window same_supply as (
        partition by
            source_code, figure_basis, supply_basis, importer_code, product_key, period_type, period_start, period_end
    )
)

select
    source_code,
    figure_basis,
    supply_basis,
    importer_code,
    product_key,
    period_type,
    period_start,
    period_end,
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
    cast(count(*) filter (where lacks_weight) as integer) as n_partners_without_weight,
    bool_or(has_estimated_weights) as has_estimated_weights,
    bool_or(supplier_code = 'XOTH') as has_lumped_partners,
    {{ common_valuation('valuation') }} as valuation,
    bool_or(has_selected_partners) as has_selected_partners,
    bool_or(supplier_code = 'CHN') as lists_china,
    count(*) = 1 and lists_china as is_china_alone
from shares
group by source_code, figure_basis, supply_basis, importer_code, product_key, period_type, period_start, period_end
