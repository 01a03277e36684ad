-- Grain: the price of one material in one year, as one release of one edition prints it.
with statements as (
    select * from {{ ref('int_prices__stated') }}
)

select
    {{ statement_columns() }},
    elements,
    form,
    purity,
    lot,
    price_type,
    price_terms,
    unit_basis,
    commodity,
    label,
    cast(year(period_start) as integer) as year,
    period_type,
    period_start,
    period_end,
    price_usd_per_kg,
    price_usd_per_kg_low,
    price_usd_per_kg_high,
    price_unit,
    value_raw,
    value_status,
    note
from statements
