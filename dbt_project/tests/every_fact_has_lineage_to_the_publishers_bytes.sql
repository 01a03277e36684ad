-- From a published cell to the publisher's bytes: no fact without at least one artifact row behind it.
with facts as (
    {%- for fact in [
        'fct_production', 'fct_reserves', 'fct_world_total', 'fct_quota', 'fct_resources', 'fct_published_share',
        'fct_trade_flow', 'fct_trade_total', 'fct_trade_rollup', 'fct_trade_reference', 'fct_trade_mirror',
    ] %}
    select fact_id from {{ ref(fact) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select facts.fact_id
from facts
left join {{ ref('lineage') }} as lineage on facts.fact_id = lineage.fact_id
where lineage.fact_id is null
