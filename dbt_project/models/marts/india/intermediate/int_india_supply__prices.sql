-- Grain: one product × direction, with the lowest price in US$ a kg at which India's customs ever weighed a delivery of
-- it: of the product itself, else of any line of the international code it belongs to. What has a value and no weight
-- is assumed to be no cheaper.
with deliveries as (
    select
        trade.flow,
        trade.product_key,
        products.parent_key,
        (trade.value_usd - coalesce(trade.value_rounding_usd, 0))
        / (trade.net_weight_kg + coalesce(trade.weight_rounding_kg, 0)) as usd_per_kg
    from {{ ref('int_trade__resolved') }} as trade
    inner join {{ ref('dim_product') }} as products on trade.product_key = products.product_key
    where
        trade.known_to is null
        and trade.reporter_code = 'IND'
        and not trade.is_partner_world
        and trade.weight_status = 'reported'
        and trade.net_weight_kg > 0
        and trade.value_usd > coalesce(trade.value_rounding_usd, 0)
),

own as (
    select
        flow,
        product_key,
        min(usd_per_kg) as usd_per_kg
    from deliveries
    group by flow, product_key
),

siblings as (
    select
        flow,
        parent_key,
        min(usd_per_kg) as usd_per_kg
    from deliveries
    group by flow, parent_key
)

select
    flows.flow,
    products.product_key,
    coalesce(own.usd_per_kg, siblings.usd_per_kg) as usd_per_kg
from {{ ref('dim_product') }} as products
cross join (values ('import'), ('export')) as flows (flow)
left join own
    on
        products.product_key = own.product_key
        and flows.flow = own.flow
left join siblings
    on
        products.parent_key = siblings.parent_key
        and flows.flow = siblings.flow
where coalesce(own.usd_per_kg, siblings.usd_per_kg) is not null
