-- Grain: what one release of one source prints as the total over all partners: reporter × flow × product × period.
select
    {{ published_trade_columns() }}
from {{ ref('int_trade__resolved') }}
where is_partner_world
