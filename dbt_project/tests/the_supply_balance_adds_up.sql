-- Interval arithmetic, to the last digit: the least of one side against the most of the other.
select *
from {{ ref('mart_india_supply_balance') }}
where
    balance_reo_tonnes_low is distinct from
    production_reo_tonnes_low + imports_reo_tonnes_low - exports_reo_tonnes_high
    or balance_reo_tonnes_high is distinct from
    production_reo_tonnes_high + imports_reo_tonnes_high - exports_reo_tonnes_low
    or balance_reo_tonnes_central is distinct from
    production_reo_tonnes_central + imports_reo_tonnes_central - exports_reo_tonnes_central
    or net_imports_reo_tonnes_low is distinct from imports_reo_tonnes_low - exports_reo_tonnes_high
    or net_imports_reo_tonnes_high is distinct from imports_reo_tonnes_high - exports_reo_tonnes_low
    or (balance_status <> 'bounded' and unknowns is null)
    or net_imports_kg_low is distinct from imports_kg_low - exports_kg_high
    or net_imports_kg_high is distinct from imports_kg_high - exports_kg_low
    or imports_known_reo_tonnes_high > imports_reo_tonnes_high + 1e-6
    or exports_known_reo_tonnes_high > exports_reo_tonnes_high + 1e-6
    or (net_imports_status <> 'bounded' and unknowns is null)
    -- no position in oxide against that of the gross weights
    or (net_position <> net_position_by_weight and 'not_told' not in (net_position, net_position_by_weight))
