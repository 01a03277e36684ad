-- Grain: what one release of one source says of one bilateral flow: reporter × partner × flow × product × period.
select
    {{ published_trade_columns() }}
from {{ ref('int_trade__resolved') }}
where not is_partner_world
