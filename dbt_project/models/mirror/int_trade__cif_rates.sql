-- Grain: one product. The median ratio of the importer's CIF value to the exporter's FOB value of the same flow, over
-- all pairs of countries that both report it in a calendar year, each ratio clipped. It is published beside the figures
-- and not applied to them.
with trade as (
    select * from {{ ref('int_trade__resolved') }}
),

areas as (
    select * from {{ ref('seed_area') }}
),

flows as (
    select trade.*
    from trade
    inner join areas as partners
        on
            trade.partner_code = partners.area_code
            and partners.area_type = 'country'
    where
        trade.is_preferred
        and not trade.is_partner_world
        and trade.period_type = 'calendar_year'
        and trade.value_usd > 0
        and trade.reporter_code <> trade.partner_code
),

pairs as (
    select
        imports.product_key,
        {{ settled('imports.value_usd / exports.value_usd') }} as ratio
    from flows as imports
    inner join flows as exports
        on
            imports.reporter_code = exports.partner_code
            and imports.partner_code = exports.reporter_code
            and imports.product_key = exports.product_key
            and imports.period_start = exports.period_start
    where
        imports.flow = 'import'
        and exports.flow = 'export'
)

select
    product_key,
    {{ settled('median(' ~ clipped('ratio', 'cif_pair_ratio') ~ ')') }} as median_ratio,
    count(*) as n_pairs
from pairs
group by product_key
having count(*) >= {{ var('least_cif_pairs') }}
