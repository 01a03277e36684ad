-- Grain: one trade figure behind one side of a reconciled flow, and its role: the side's own report or roll-up, or each
-- month of a year that was built from months. Most sides state the value and the weight in one figure, which is here
-- once and `is_alone`.
{{ config(materialized='incremental') }}
-- noqa: disable=LT02
{%- set roles = {'x': 'exporter_report', 'm': 'importer_report'} %}
with reports as (
    select * from {{ of_years(ref('int_mirror__reports')) }}
),

months as (
    select * from {{ of_years(ref('int_trade__months'), and_next=true) }}
),

figures as (
    {%- for side, role in roles.items() %}
    {%- set value = side ~ '_value' %}
    {%- set weight = side ~ '_weight' %}
    select
        fact_id,
        {{ value }}_fact_id as side_fact_id,
        '{{ role }}' as role,
        period_start,
        {{ value }}_fact_id is not distinct from {{ weight }}_fact_id
        or {{ weight }}_period_basis is null as is_alone
    from reports
    where {{ value }}_fact_id is not null
    union all
    select
        fact_id,
        {{ weight }}_fact_id as side_fact_id,
        '{{ role }}' as role,
        period_start,
        {{ value }}_period_basis is null as is_alone
    from reports
    where
        {{ weight }}_fact_id is not null
        and {{ weight }}_fact_id is distinct from {{ value }}_fact_id
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

built_years as (
    {%- for side, role in roles.items() %}
    {%- for kind in var('closed_lists')['figure_kind'] %}
    select
        fact_id,
        '{{ role }}' as role,
        '{{ kind }}' as figure_kind,
        {{ side }}_{{ kind }}_series_id as series_id,
        period_start,
        period_end
    from reports
    where {{ side }}_{{ kind }}_period_basis = 'built_from_months'
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

built as (
    select distinct
        built_years.fact_id,
        case built_years.figure_kind when 'value' then months.fact_id else months.weight_fact_id end as side_fact_id,
        built_years.role,
        built_years.period_start,
        false as is_alone
    from built_years
    inner join months
        on
            built_years.series_id = months.series_id
            and months.period_start between built_years.period_start and built_years.period_end
)

select * from figures
union all
select * from built
where side_fact_id is not null
