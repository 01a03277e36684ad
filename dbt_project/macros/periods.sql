{# The columns of a period that is a calendar year: its kind, its first and its last day. #}
{% macro calendar_year_columns(year) -%}
    'calendar_year' as period_type,
    make_date({{ year }}, 1, 1) as period_start,
    make_date({{ year }}, 12, 31) as period_end
{%- endmacro %}


{# The first day of India's fiscal year (April to March) that a day is in. #}
{% macro fiscal_year_start(day) -%}
    cast(date_trunc('year', {{ day }} - interval 3 month) + interval 3 month as date)
{%- endmacro %}
