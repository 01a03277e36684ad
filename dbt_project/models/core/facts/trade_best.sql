-- Grain: one bilateral flow, once: the preferred of the latest reports. Summing it counts no report twice.
{{ config(materialized='view') }}
select *
from {{ ref('fct_trade_flow').include(database=false) }}
where is_preferred
