{# What a published table promises, in one test: keys, columns never null, and by the name of a column its closed list
   (macro closed_lists) or the dimension it points to (var references). One name means one thing in every table. #}
{% test promises(model, unique, never_null) %}
{%- set lists = closed_lists() -%}
{%- set references = var('references') -%}
{%- set targets = {} -%}
{%- for target in references -%}
    {%- do targets.update({target: ref(target)}) -%}
{%- endfor -%}
{%- set checks = [] -%}
{%- for columns in unique -%}
    {%- set key = columns | join(', ') -%}
    {%- do checks.append(
        "select 'together identify a row' as promise, '" ~ key ~ "' as column_name, count(*) as n_rows from (select "
        ~ key ~ " from " ~ model ~ " group by " ~ key ~ " having count(*) > 1) as twice having count(*) > 0"
    ) -%}
{%- endfor -%}
{%- for column in never_null -%}
    {%- do checks.append(
        "select 'never null' as promise, '" ~ column ~ "' as column_name, count(*) as n_rows from " ~ model
        ~ " where " ~ column ~ " is null having count(*) > 0"
    ) -%}
{%- endfor -%}
{%- if execute -%}
    {%- for column in adapter.get_columns_in_relation(model) -%}
        {%- if column.name in lists -%}
            {%- do checks.append(
                "select 'one of its closed list' as promise, '" ~ column.name ~ "' as column_name, count(*) as n_rows from "
                ~ model ~ " where " ~ column.name ~ " not in ('" ~ lists[column.name] | join("', '")
                ~ "') having count(*) > 0"
            ) -%}
        {%- endif -%}
        {%- for target, columns in references.items() if column.name in columns -%}
            {%- do checks.append(
                "select 'stands in " ~ target ~ "' as promise, '" ~ column.name ~ "' as column_name, count(*) as n_rows from "
                ~ model ~ " where " ~ column.name ~ " is not null and " ~ column.name ~ " not in (select "
                ~ columns[column.name] ~ " from " ~ targets[target] ~ ") having count(*) > 0"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endif -%}
{{ checks | join("\nunion all\n") }}
{% endtest %}
