-- Grain: one figure of one statement: a measured column of a fact that has a number, or that has had one before, with
-- what it measures. `figure_id` is the same for every statement of one measured thing.
with figures as (
    {%- for table, about in revised_facts().items() %}
    {%- set outer_last = loop.last %}
    {%- set is_yearly = about.year and table != 'fct_production' %}
    {%- for column, unit in about.figures.items() %}
    select
        '{{ table }}' as table_name,
        fact_id,
        source_code,
        edition,
        release,
        known_from,
        known_to,
        known_basis,
        {% if about.country %}{{ about.country }}{% elif about.trade %}reporter_code
        {%- elif about.pair %}exporter_code{% else %}cast(null as varchar){% endif %} as country_code,
        {% if about.trade %}partner_code{% elif about.pair %}importer_code{% else %}cast(null as varchar){% endif %}
            as partner_code,
        {% if about.trade %}flow{% elif about.pair %}'export'{% else %}cast(null as varchar){% endif %} as flow,
        {% if about.trade or about.pair %}product_key{% else %}cast(null as varchar){% endif %} as product_key,
        {% if about.detail %}concat_ws('/', {{ about.detail | join(', ') }}){% else %}''{% endif %} as detail,
        {% if about.trade or about.pair or table == 'fct_production' %}period_type
        {%- else %}'calendar_year'{% endif %} as period_type,
        {% if is_yearly %}make_date({{ about.year }}, 1, 1){% else %}{{ about.from or 'period_start' }}{% endif %}
            as period_start,
        {% if is_yearly %}make_date({{ about.year }}, 12, 31){% else %}{{ about.to or 'period_end' }}{% endif %}
            as period_end,
        '{{ column }}' as figure_name,
        {% if unit %}'{{ unit }}'{% else %}lower(currency_code){% endif %} as figure_unit,
        {{ column }} as figure_value,
        {% if column == 'net_weight_kg' %}weight_status{% else %}value_status{% endif %} as value_status
    from {{ ref(table) }}
    {%- if not (loop.last and outer_last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
),

identified as (
    select
        *,
        {{ fact_id([
            'table_name', 'figure_name', 'figure_unit', 'source_code', 'country_code', 'partner_code', 'flow', 'product_key', 'detail',
            'period_type', period_key(),
        ]) }} as figure_id
    from figures
)

select * from identified
-- a column that a table offers and no statement of this thing fills is no figure
qualify count(figure_value) over (partition by figure_id) > 0
