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

{# Each value is in the closed list of the column's name, or null. #}
{% test in_closed_list(model, column_name) %}
select
    {{ column_name }},
    * exclude ({{ column_name }})
from {{ model }}
where {{ column_name }} not in ({{ quoted(closed_lists()[column_name]) }})
{% endtest %}

{# Each value is a code of the dimension that the column's name points to, or null. #}
{% test in_dimension(model, column_name) %}
{%- for dimension, columns in var('references').items() if column_name in columns %}
select
    {{ column_name }},
    * exclude ({{ column_name }})
from {{ model }}
where
    {{ column_name }} is not null
    and {{ column_name }} not in (select {{ columns[column_name] }} from {{ ref(dimension) }})
{%- endfor %}
{% endtest %}
