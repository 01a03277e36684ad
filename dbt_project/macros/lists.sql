{# A list of a var as SQL's text literals. #}
{% macro quoted(values) -%}
    '{{ values | join("', '") }}'
{%- endmacro %}

{# The first of these values that a group's rows of a column have. #}
{% macro first_of(column, values) -%}
    case
        {%- for value in values %}
        when bool_or({{ column }} = '{{ value }}') then '{{ value }}'
        {%- endfor %}
    end
{%- endmacro %}
