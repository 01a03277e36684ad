{# How far a value lies from a median, in median absolute deviations; 1.4826 makes the MAD of a normal distribution its
   standard deviation. #}
{% macro robust_z(value, median, mad) -%}
    ({{ value }} - {{ median }}) / (1.4826 * {{ mad }})
{%- endmacro %}
