-- Interval arithmetic: the least of one side against the most of the other. A figure is null exactly where one of its
-- terms is.
{%- set sums = [
    ('net_imports_kg_low', 'imports_kg_low', '-', 'exports_kg_high'),
    ('net_imports_kg_high', 'imports_kg_high', '-', 'exports_kg_low'),
    ('net_imports_reo_tonnes_low', 'imports_reo_tonnes_low', '-', 'exports_reo_tonnes_high'),
    ('net_imports_reo_tonnes_central', 'imports_reo_tonnes_central', '-', 'exports_reo_tonnes_central'),
    ('net_imports_reo_tonnes_high', 'imports_reo_tonnes_high', '-', 'exports_reo_tonnes_low'),
    ('balance_reo_tonnes_low', 'production_reo_tonnes_low', '+', 'net_imports_reo_tonnes_low'),
    ('balance_reo_tonnes_central', 'production_reo_tonnes_central', '+', 'net_imports_reo_tonnes_central'),
    ('balance_reo_tonnes_high', 'production_reo_tonnes_high', '+', 'net_imports_reo_tonnes_high'),
] %}
select *
from {{ ref('mart_india_supply_balance') }}
where
    {%- for figure, left, sign, right in sums %}
    {%- set sum = left ~ ' ' ~ sign ~ ' ' ~ right %}
    ({{ figure }} is null) <> (({{ sum }}) is null)
    or {{ differs(figure, sum, of='abs(' ~ left ~ ') + abs(' ~ right ~ ')') }}
    or
    {%- endfor %}
    {{ exceeds('imports_known_reo_tonnes_high', 'imports_reo_tonnes_high') }}
    or {{ exceeds('exports_known_reo_tonnes_high', 'exports_reo_tonnes_high') }}
    or (balance_status <> 'bounded' and unknowns is null)
    or (net_imports_status <> 'bounded' and unknowns is null)
    -- no position in oxide against that of the gross weights
    or (net_position <> net_position_by_weight and 'undetermined' not in (net_position, net_position_by_weight))
