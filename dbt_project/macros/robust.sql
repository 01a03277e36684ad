{# A figure clipped to the vars `<name>_least` and `<name>_most`. #}
{% macro clipped(figure, name) -%}
    least(greatest({{ figure }}, {{ var(name ~ '_least') }}), {{ var(name ~ '_most') }})
{%- endmacro %}

{# How far a value lies from a median, in median absolute deviations of a normal distribution's scale. #}
{% macro robust_z(value, median, mad) -%}
    ({{ value }} - {{ median }}) / ({{ var('mad_scale') }} * {{ mad }})
{%- endmacro %}
