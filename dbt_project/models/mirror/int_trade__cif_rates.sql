-- Grain: one product. The median ratio of the importer's CIF value to the exporter's FOB value of the same flow, over
-- all pairs of countries that both report it in a calendar year. Ratios are clipped before the median, and the median
-- after it. Products with too few pairs get the assumed ratio in the mirror.
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
),

medians as (
    select
        product_key,
        {{ settled('median(' ~ clipped('ratio', 'cif_pair_ratio') ~ ')') }} as median_ratio,
        count(*) as n_pairs
    from pairs
    group by product_key
    having count(*) >= {{ var('least_cif_pairs') }}
)

select
    product_key,
    median_ratio,
    {{ clipped('median_ratio', 'cif_ratio') }} as cif_ratio,
    n_pairs
from medians
