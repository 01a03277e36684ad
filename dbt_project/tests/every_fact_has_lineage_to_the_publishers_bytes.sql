-- From a published cell to the publisher's bytes: no fact without at least one artifact row behind it.
with facts as (
    select fact_id from {{ ref('fct_production') }}
    union all
    select fact_id from {{ ref('fct_reserves') }}
    union all
    select fact_id from {{ ref('fct_world_total') }}
    union all
    select fact_id from {{ ref('fct_trade_flow') }}
    union all
    select fact_id from {{ ref('fct_trade_total') }}
    union all
    select fact_id from {{ ref('fct_trade_rollup') }}
    union all
    select fact_id from {{ ref('fct_trade_reference') }}
    union all
    select fact_id from {{ ref('fct_published_share') }}
    union all
    select fact_id from {{ ref('fct_quota') }}
    union all
    select fact_id from {{ ref('fct_resources') }}
    union all
    select fact_id from {{ ref('fct_trade_mirror') }}
)

select facts.fact_id
from facts
left join {{ ref('lineage') }} as lineage on facts.fact_id = lineage.fact_id
where lineage.fact_id is null
