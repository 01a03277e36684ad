-- Grain: one importer × product × calendar year: China's share of what it imports. Each importer and product has one
-- source throughout: CEPII's reconciled flows for metal magnets, the importer's own reports for compounds.
with references_of_china as (
    select * from {{ ref('fct_trade_reference') }}
    where
        is_latest
        and exporter_code = 'CHN'
),

mirrored_of_china as (
    select * from {{ ref('fct_trade_mirror') }}
    where exporter_code = 'CHN'
),

magnets as (
    select
        shares.period_start,
        shares.importer_code,
        shares.importer_name,
        shares.product_key,
        shares.china_value_share,
        shares.china_value_share_low,
        shares.china_weight_share,
        shares.coverage as certainty,
        shares.source_code,
        china.known_from,
        china.fact_id
    from {{ ref('mart_magnet_dependence') }} as shares
    left join references_of_china as china
        on
            shares.importer_code = china.importer_code
            and shares.product_key = china.product_key
            and shares.period_type = china.period_type
            and shares.period_start = china.period_start
    where
        shares.supply_basis = 'reference'
        and shares.product_key = '{{ var("corridor_total_products").magnet }}'
),

supplies as (
    select
        *,
        count(china_value_share) over (partition by importer_code) > 0 as has_shares
    from {{ ref('mart_importer_supply') }}
    where product_key = '{{ var("corridor_total_products").compound }}'
),

compounds as (
    select
        supplies.period_start,
        supplies.importer_code,
        supplies.importer_name,
        supplies.product_key,
        supplies.china_value_share,
        supplies.china_value_share as china_value_share_low,
        supplies.china_weight_share,
        case
            when supplies.china_value_share is not null then 'complete'
            when supplies.holding_status = 'held' then 'no_value'
            else supplies.holding_status
        end as certainty,
        china.importer_source_code as source_code,
        china.known_from,
        china.fact_id
    from supplies
    left join mirrored_of_china as china
        on
            supplies.importer_code = china.importer_code
            and supplies.product_key = china.product_key
            and supplies.period_type = china.period_type
            and supplies.period_start = china.period_start
    where supplies.has_shares
),

shares as (
    select * from magnets
    union all
    select * from compounds
)

select
    shares.period_start,
    cast(year(shares.period_start) as integer) as year,
    shares.importer_code,
    shares.importer_name,
    shares.product_key,
    products.description as product_description,
    shares.china_value_share,
    shares.china_value_share_low,
    shares.china_weight_share,
    shares.certainty,
    sources.title as source_name,
    shares.known_from,
    shares.fact_id
from shares
inner join {{ ref('dim_product') }} as products on shares.product_key = products.product_key
left join {{ ref('dim_source') }} as sources on shares.source_code = sources.source_code
