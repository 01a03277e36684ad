-- Grain: one product. The median ratio of the importer's CIF report to the exporter's FOB report of the same flow,
-- over all pairs of countries that both report it in a calendar year; ratios are drawn in to 0.3 … 3 before the
-- median and the median to 1.02 … 1.30. Products with too few pairs to tell one get the assumed rate in the mirror.
with flows as (
    select trade.*
    from {{ ref('int_trade__resolved') }} as trade
    inner join {{ ref('seed_area') }} as partners
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
        {{ settled('median(least(greatest(ratio, 0.3), 3.0))') }} as median_ratio,
        count(*) as n_pairs
    from pairs
    group by product_key
    having count(*) >= {{ var('least_cif_pairs') }}
)

select
    product_key,
    median_ratio,
    least(greatest(median_ratio, 1.02), 1.30) as cif_ratio,
    n_pairs
from medians
