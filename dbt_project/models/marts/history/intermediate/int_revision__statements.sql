-- Grain: one figure of one statement: a measured column of a fact that has a number, or that has had one before, with
-- what it measures. `figure_id` is the same for every statement of one measured thing. Of the trade of third countries,
-- flows that were stated once and stand are left out: nothing about them was revised, and they are most of all flows.
-- Of several statements of a flow all but the last have ended.
-- noqa: disable=LT02
with
{%- for table, about in stated_facts().items() if about.feed == 'trade' %}
{%- set flow_key = about.key | reject('equalto', 'source_code') | list %}
{{ table }}_ended as (
    select distinct
        source_code,
        {{ flow_key | join(', ') }}
    from {{ ref(table) }}
    where
        known_to is not null
        and not {{ is_of_the_corridor() }}
),

{{ table }}_followed as (
    select * from {{ ref(table) }}
    where {{ is_of_the_corridor() }}
    union all
    select facts.*
    from {{ ref(table) }} as facts
    inner join {{ table }}_ended as ended
        on
            facts.source_code = ended.source_code
            {%- for column in flow_key %}
            and facts.{{ column }} = ended.{{ column }}
            {%- endfor %}
),
{% endfor %}
figures as (
    {%- for table, about in stated_facts().items() %}
    {%- set is_last_table = loop.last %}
    {%- set detail = detail_columns(about) %}
    {%- for column, figure in about.figures.items() %}
    select
        '{{ table }}' as table_name,
        fact_id,
        source_code,
        edition,
        release,
        known_from,
        known_to,
        known_basis,
        {{ key_column(about, ['country_code', 'reporter_code', 'exporter_code']) }} as country_code,
        {{ key_column(about, ['partner_code', 'importer_code']) }} as partner_code,
        {% if 'exporter_code' in about.key %}'export'{% else %}{{ key_column(about, ['flow']) }}{% endif %} as flow,
        {{ key_column(about, ['product_key']) }} as product_key,
        {% if detail %}concat_ws('/', {{ detail | join(', ') }}){% else %}''{% endif %} as detail,
        period_type,
        period_start,
        period_end,
        '{{ column }}' as figure_name,
        {% if figure.unit_from %}lower({{ figure.unit_from }}){% else %}'{{ figure.unit }}'{% endif %} as figure_unit,
        {{ column }} as figure_value,
        {% if figure.rounding %}{{ figure.rounding }}{% else %}cast(null as double){% endif %} as figure_rounding,
        {{ figure.status }} as value_status
    from {% if about.feed == 'trade' %}{{ table }}_followed{% else %}{{ ref(table) }}{% endif %}
    {%- if not (loop.last and is_last_table) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
),

identified as (
    select
        *,
        {{ fact_id([
            'table_name', 'figure_name', 'figure_unit', 'source_code', 'country_code', 'partner_code', 'flow', 'product_key',
            'detail', 'period_type', period_key(),
        ]) }} as figure_id
    from figures
)

select * from identified
-- a column that a table offers and no statement of this thing fills is no figure
qualify count(figure_value) over (partition by figure_id) > 0
