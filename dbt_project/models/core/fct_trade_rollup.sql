-- Grain: one bilateral flow added up from national lines to HS6 or HS4, as one release of a source states the lines.
select
    {{ published_trade_columns() }},
    n_lines,
    completeness
from {{ ref('int_trade__rolled_up') }}
where not is_partner_world
