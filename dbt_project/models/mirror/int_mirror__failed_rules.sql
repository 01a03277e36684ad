-- Grain: one rule that one reconciled flow fails, or a report behind it: exporter × importer × product × period × rule
-- × the other figure. Each code is reconciled by itself, so a code may come out above its heading.
{{ config(materialized='incremental', meta={'year_part': 'mirror'}) }}
-- depends_on: {{ ref('int_mirror__method') }}
-- noqa: disable=LT02
with reconciled as (
    select * from {{ of_years(ref('int_mirror__reconciled'), part='mirror') }}
),

roles as (
    select * from {{ of_years(ref('int_mirror__lineage'), part='mirror') }}
),

-- a report may fail a rule against several figures: the flow says so once, in all the words
reports as (
    select
        roles.fact_id,
        roles.period_start,
        failed.rule,
        failed.failure_kind,
        roles.side_fact_id as other_fact_id,
        case when count(*) = 1 then max(failed.times) end as times,
        string_agg(
            concat(replace(roles.role, '_', '''s '), ': ', failed.words), '; '
            order by roles.role, failed.other_fact_id, failed.words
        ) as words
    from roles
    inner join {{ of_years(ref('int_trade__failed_rules'), part='mirror', and_next=true) }} as failed
        on roles.side_fact_id = failed.fact_id
    group by roles.fact_id, roles.period_start, failed.rule, failed.failure_kind, roles.side_fact_id
),

nested as (
    select
        child.period_start,
        child.fact_id as child_fact_id,
        parent.fact_id as parent_fact_id,
        child.product_key as child_key,
        parent.product_key as parent_key,
        child.figure as child_usd,
        parent.figure as parent_usd,
        child.figure / nullif(parent.figure, 0) as times
    from reconciled as child
    inner join reconciled as parent
        on
            child.exporter_code = parent.exporter_code
            and child.importer_code = parent.importer_code
            and child.period_type = parent.period_type
            and child.period_start = parent.period_start
            and child.period_end = parent.period_end
            and child.figure_kind = parent.figure_kind
            and starts_with(child.hs_code, parent.hs_code)
            and length(child.hs_code) > length(parent.hs_code)
    where
        child.figure_kind = 'value'
        and {{ exceeds('child.figure', 'parent.figure') }}
),

nested_sides as (
    select
        child_fact_id as fact_id,
        period_start,
        parent_fact_id as other_fact_id,
        times,
        concat(
            {{ two_decimals('times') }}, ' times ', parent_key, ' (', {{ thousands('parent_usd') }},
            ' US$), which holds it and is reconciled by itself'
        ) as words
    from nested
    union all
    select
        parent_fact_id as fact_id,
        period_start,
        child_fact_id as other_fact_id,
        1 / times as times,
        concat(
            'less than ', child_key, ' (', {{ thousands('child_usd') }},
            ' US$), which it holds and which is reconciled by itself'
        ) as words
    from nested
),

anomalies as (
    {%- for side, reporter in [('x', 'exporter'), ('m', 'importer')] %}
    select
        fact_id,
        period_start,
        concat('{{ reporter }}''s figures of the year: ', {{ side }}_anomaly) as words
    from reconciled
    where {{ side }}_anomaly is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

failed as (
    select * from reports
    union all by name
    select
        *,
        'no_reconciled_child_exceeds_its_parent' as rule,
        'reconciled_separately' as failure_kind
    from nested_sides
    union all by name
    select
        *,
        'no_reporters_figures_look_like_a_mistake_of_unit' as rule,
        'implausible' as failure_kind,
        cast(null as varchar) as other_fact_id,
        cast(null as double) as times
    from anomalies
)

select
    fact_id,
    period_start,
    rule,
    failure_kind,
    other_fact_id,
    {{ settled('times') }} as times,
    words
from failed
