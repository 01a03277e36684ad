-- From a published cell to the publisher's bytes: no fact without at least one artifact row behind it.
-- noqa: disable=LT02
with facts as (
    {%- for table in var('facts') %}
    select fact_id from {{ as_built(ref(table)) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select facts.fact_id
from facts
left join {{ as_built(ref('lineage'), part='mirror') }} as lineage on facts.fact_id = lineage.fact_id
where lineage.fact_id is null
