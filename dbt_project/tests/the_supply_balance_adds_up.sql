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
    or imports_reo_tonnes_high > imports_known_reo_tonnes_high
    or exports_reo_tonnes_high > exports_known_reo_tonnes_high
