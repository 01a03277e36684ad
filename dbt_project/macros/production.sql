{# True for the rows of one source a year: the first of var production_sources that states the year. Series of the BGS
   other than its oxides overlap and never stand in. #}
{% macro is_preferred_production(measured_year) -%}
    known_to is null
    and series not like 'rare_earth_minerals%'
    and {{ source_rank() }} = min(
        case when known_to is null and series not like 'rare_earth_minerals%' then {{ source_rank() }} end
    ) over (partition by {{ measured_year }})
{%- endmacro %}

{% macro source_rank() -%}
    case source_code
        {%- for source in var('production_sources') %} when '{{ source }}' then {{ loop.index }}{% endfor %} else {{ var('production_sources') | length + 1 }} end
{%- endmacro %}
