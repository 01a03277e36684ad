{# A list of a var as SQL's text literals. #}
{% macro quoted(values) -%}
    '{{ values | join("', '") }}'
{%- endmacro %}
