-- Grain: one bilateral flow added up from national lines to HS6 or HS4, as one release of a source states the lines.
with rollups as (
    {{ with_reo('int_trade__rolled_up') }}
)

select
    {{ published_trade_columns() }},
    n_lines,
    completeness
from rollups
where not is_partner_world
