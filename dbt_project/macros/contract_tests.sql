{# Contract tests: what a published table guarantees beside the types and not_null constraints of its contract. Each
   returns the rows that break it. One name means one thing in every table: which values a column may have (macro
   closed_lists) and which dimension it points to (var references) follow from its name. #}

{# No two rows share these columns. #}
{% test unique_key(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as n_rows
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{# None of these columns is null. For models without an enforced contract, whose columns cannot have constraints. #}
{% test never_null(model, columns) %}
select *
from {{ model }}
where
    {%- for column in columns %}
    {{ column }} is null{{ " or" if not loop.last }}
    {%- endfor %}
{% endtest %}

{# Each value of a column is in the closed list of the column's name, and each code in the dimension that the name points
   to, or null: of these columns, or of all of a model in one test, since dbt spends more time on a test than DuckDB. #}
{% test codes_are_known(model, columns=none) %}
{%- for dimension in var('references') %}{% do ref(dimension) %}{% endfor -%}
{%- set names = columns or (get_columns_in_query('select * from ' ~ model) if execute else []) -%}
{%- set parts = [] -%}
{%- for name in names -%}
    {%- if name in closed_lists() -%}
        {%- do parts.append((name, name ~ ' not in (' ~ quoted(closed_lists()[name]) ~ ')')) -%}
    {%- endif -%}
    {%- for dimension, keys in var('references').items() if name in keys -%}
        {%- set known = '(select ' ~ keys[name] ~ ' from ' ~ ref(dimension) ~ ')' -%}
        {%- do parts.append((name, name ~ ' is not null and ' ~ name ~ ' not in ' ~ known)) -%}
    {%- endfor -%}
{%- endfor -%}
{%- if execute and not parts -%}
    {{ exceptions.raise_compiler_error(model ~ ' has no column with a closed list or a dimension') }}
{%- endif -%}
{%- for name, is_unknown in parts %}
select
    '{{ name }}' as column_name,
    cast({{ name }} as varchar) as unknown_code,
    count(*) as n_rows
from {{ model }}
where {{ is_unknown }}
group by all
{{ "union all" if not loop.last }}
{%- endfor %}
{% endtest %}
