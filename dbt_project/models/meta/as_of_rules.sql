-- Grain: one mark of one fact, with the rule that sets it.
-- noqa: disable=LT02
{%- set rules = [] %}
{%- for table, about in var('facts').items() %}
{%- for column in about.marks or {} %}
{%- set rule = mark(table, column).split() | join(' ') | replace("'", "''") %}
{%- do rules.append("('" ~ table ~ "', '" ~ column ~ "', '" ~ rule ~ "')") %}
{%- endfor %}
{%- endfor %}
select
    listed.table_name,
    listed.column_name,
    listed.expression
from (
    values
    {{ rules | join(',\n    ') }}
) as listed (table_name, column_name, expression)
