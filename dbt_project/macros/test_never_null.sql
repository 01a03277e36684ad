{# None of the columns is ever null. #}
{% test never_null(model, columns) %}
select *
from {{ model }}
where
    {%- for column in columns %}
    {{ column }} is null{{ " or" if not loop.last }}
    {%- endfor %}
{% endtest %}
