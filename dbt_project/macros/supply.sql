{# Common table expressions of what each importer was delivered (`deliveries`), added up: `sums`, with China's share, how
   concentrated the suppliers are, and what came from hubs. Shares are of the suppliers listed. #}
{% macro supply_sums() -%}
hubs as (
    select area_code as hub_code from {{ ref('seed_trade_hub') }}
),

shares as (
    select
        deliveries.*,
        hubs.hub_code is not null as is_hub,
        {{ settled(share_of_sum('value_usd', over='same_supply')) }} as value_share,
        {{ settled(share_of_sum('net_weight_kg', over='same_supply')) }} as weight_share
    from deliveries
    left join hubs on deliveries.supplier_code = hubs.hub_code
    window same_supply as (
        partition by
            source_code, figure_basis, supply_basis, importer_code, product_key, period_type, period_start, period_end
    )
),

sums as (
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
        coalesce({{ exact_sum('value_usd', where='is_hub') }}, 0) as hub_usd,
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
)
{%- endmacro %}
