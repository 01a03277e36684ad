-- Grain: what one release of one source prints as the total over all partners: reporter × flow × product × period.
with totals as (
    {{ with_reo('int_trade__resolved') }}
)

select
    {{ published_trade_columns() }}
from totals
where is_partner_world
