{# The release columns that every staging model adds to a raw table. #}
{% macro release_columns() -%}
    loads.source_code,
    loads.partition_name,
    loads.edition,
    loads.release,
    loads.known_from,
    loads.known_basis,
    loads.load_order,
    loads.next_release_from,
    loads.artifact_sha256
{%- endmacro %}

{# A fact's id: the hash of its key, a null standing as the empty text. #}
{% macro fact_id(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append("coalesce(cast(" ~ column ~ " as varchar), '')") -%}
    {%- endfor -%}
    {{ dbt.hash(parts | join(" || '|' || ")) }}
{%- endmacro %}

{# All rows of several staging models, which share one set of columns. #}
{% macro union_of(models, columns) -%}
    {%- for model in models %}
    select
        {%- for column in columns %}
        {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ ref(model) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
