-- Grain: one stage of the chain from ore to magnet.
select
    stage_code,
    stage_name,
    cast(stage_order as integer) as stage_order,
    description
from {{ ref('seed_stage') }}
