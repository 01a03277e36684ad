-- A fact joins dim_period by its kind of period, first and last day.
-- noqa: disable=LT02
with periods as (
    {%- for table in var('facts') %}
    select distinct
        '{{ table }}' as table_name,
        period_type,
        period_start,
        period_end
    from {{ as_built(ref(table)) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    periods.table_name,
    periods.period_type,
    periods.period_start,
    periods.period_end
from periods
left join {{ ref('dim_period') }} as known
    on
        periods.period_type = known.period_type
        and periods.period_start = known.period_start
        and periods.period_end = known.period_end
where known.period_label is null
