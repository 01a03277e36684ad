-- Grain: one importer × supplier × calendar year of metal magnets, as CEPII reconciled both reports.
select
    flows.period_start,
    cast(year(flows.period_start) as integer) as year,
    flows.importer_code,
    flows.importer_name,
    flows.exporter_code,
    flows.exporter_name,
    flows.product_key,
    products.description as product_description,
    flows.value_usd as imports_fob_usd,
    flows.coverage as certainty,
    sources.title as source_name,
    flows.edition,
    flows.known_from,
    flows.fact_id
from {{ ref('fct_trade_reference') }} as flows
inner join {{ ref('dim_product') }} as products on flows.product_key = products.product_key
inner join {{ ref('dim_source') }} as sources on flows.source_code = sources.source_code
where
    flows.is_latest
    and flows.product_key = '{{ var("corridor_total_products").magnet }}'
    and flows.importer_code in ({{ quoted(var('dependence_importers')) }})
