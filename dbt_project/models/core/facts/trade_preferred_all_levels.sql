-- Grain: one bilateral flow, once: the preferred of the latest reports. It holds every kind of period and every product
-- level, and these overlap.
{{ config(materialized='view', meta={'year_column': 'period_start'}) }}
select *
from {{ ref('fct_trade_flow').include(database=false) }}
where is_preferred
