{# Contract tests: what a table guarantees beside the types and not_null constraints of its contract. A table has one
   test, since dbt takes longer to start one than DuckDB to run it. It returns a row for each thing that breaks the
   contract: `rule`, the columns it is about, the value found and in how many rows. What to test is in the `meta` of the
   table's YAML; which values a column may have (macro closed_lists) and which dimension it points to (var references)
   follow from its name, which means one thing in every table. #}

{# No two rows share the columns of `meta.key`, or of one of the lists of columns in `meta.also_unique`, where
   none of these is null; no column of `meta.never_null` is null (for tables without an enforced contract, whose columns
   cannot have constraints). #}
{% test keys(model) %}
{{ broken_rules(model, codes=false) }}
{% endtest %}

{# The same, and each value of a column is in the closed list of the column's name, and each code in the dimension that the
   name points to, or null: of the columns in the table's YAML, or of those in `meta.codes`. #}
{% test contract(model) %}
{%- for dimension in var('references') %}{% do ref(dimension) %}{% endfor -%}
{{ broken_rules(model, codes=true) }}
{% endtest %}

{% macro broken_rules(relation, codes) -%}
{%- if execute -%}
{%- set tested = graph.nodes[model.attached_node] -%}
{%- set about = tested.config.meta -%}
{%- set parts = [] -%}
{%- if about.key -%}
    {%- do parts.append(repeated(relation, about.key, 'true')) -%}
{%- endif -%}
{%- for columns in about.get('also_unique', []) -%}
    {%- set has_all = columns | join(' is not null and ') ~ ' is not null' -%}
    {%- do parts.append(repeated(relation, columns, has_all)) -%}
{%- endfor -%}
{%- if about.never_null -%}
    {%- do parts.append(nulls(relation, about.never_null, about.key)) -%}
{%- endif -%}
{%- for name in about.get('codes', tested.columns) if codes -%}
    {%- if name in closed_lists() -%}
        {%- set unknown = name ~ ' not in (' ~ quoted(closed_lists()[name]) ~ ')' -%}
        {%- do parts.append(broken_rule(relation, 'known value', [name], unknown)) -%}
    {%- endif -%}
    {%- for dimension, keys in var('references').items() if name in keys -%}
        {%- set known = '(select ' ~ keys[name] ~ ' from ' ~ ref(dimension) ~ ')' -%}
        {%- set unknown = name ~ ' is not null and ' ~ name ~ ' not in ' ~ known -%}
        {%- do parts.append(broken_rule(relation, 'known code', [name], unknown)) -%}
    {%- endfor -%}
{%- endfor -%}
{%- if not parts -%}
    {{ exceptions.raise_compiler_error(tested.name ~ ' has no key, no column that is never null and no column of codes') }}
{%- endif -%}
{{ parts | join('\nunion all\n') }}
{%- endif -%}
{%- endmacro %}

{# Rows that share these columns. Hashes of 8 bytes are compared first: grouping by several texts takes twice the time. #}
{% macro repeated(relation, columns, condition) -%}
{%- set hashed = 'hash(' ~ columns | join(', ') ~ ')' -%}
{%- set shared = 'select ' ~ hashed ~ ' from ' ~ relation ~ ' group by 1 having count(*) > 1' -%}
{{ broken_rule(relation, 'unique', columns, condition ~ ' and ' ~ hashed ~ ' in (' ~ shared ~ ')', 'count(*) > 1') }}
{%- endmacro %}

{# What a condition finds, by the columns that the rule is about. #}
{% macro broken_rule(relation, rule, columns, condition, having='count(*) > 0') -%}
{%- set found = columns | join(', ') -%}
select
    '{{ rule }}' as rule,
    '{{ found }}' as columns,
    concat_ws(', ', {{ found }}) as found,
    count(*) as n_rows
from {{ relation }}
where {{ condition }}
group by {{ found }}
having {{ having }}
{%- endmacro %}

{# Nulls in columns that have none, by the key of the row: all columns in one reading of the table. #}
{% macro nulls(relation, columns, key) -%}
select
    'never null' as rule,
    concat_ws(
        ', '
        {%- for column in columns %},
        case when {{ column }} is null then '{{ column }}' end
        {%- endfor %}
    ) as columns,
    concat_ws(', ', {{ (key or columns) | join(', ') }}) as found,
    count(*) as n_rows
from {{ relation }}
where {{ columns | join(' is null or ') }} is null
group by all
{%- endmacro %}
