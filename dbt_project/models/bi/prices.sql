-- Grain: one priced material and calendar year, by the newest edition; a material is told apart by its purity, lot and
-- kind of price, which are in its name. A year without a price of a material has a row that says so.
with prices as (
    select * from {{ ref('mart_price') }}
),

facts as (
    select * from {{ ref('fct_price') }}
)

select
    prices.period_start,
    prices.year,
    concat_ws(
        ', ',
        prices.material_name,
        prices.purity,
        prices.lot,
        case when prices.price_type = 'year_end' then 'year-end price' end
    ) as price_name,
    prices.elements,
    prices.form,
    prices.price_usd_per_kg,
    prices.price_usd_per_kg_low,
    prices.price_usd_per_kg_high,
    coalesce(prices.price_status, prices.price_availability) as certainty,
    prices.unit_basis,
    sources.title as source_name,
    prices.price_edition as edition,
    facts.known_from,
    prices.price_fact_id as fact_id
from prices
left join facts on prices.price_fact_id = facts.fact_id
left join {{ ref('dim_source') }} as sources on prices.price_source_code = sources.source_code
