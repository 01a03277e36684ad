-- Grain: what one release of one source says of one bilateral flow: reporter × partner × flow × product × period.
with flows as (
    {{ with_reo('int_trade__resolved') }}
)

select
    {{ published_trade_columns() }}
from flows
where not is_partner_world
