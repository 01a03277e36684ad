{# A fact's id: the hash of its key, with an empty string for a null. #}
{% macro fact_id(columns) -%}
    {{ dbt.hash(key_text(columns)) }}
{%- endmacro %}

{# What names several rows together, where no table publishes the name: the same hash as a number. DuckDB takes five times
   as long to store the text. #}
{% macro group_id(columns) -%}
    md5_number({{ key_text(columns) }})
{%- endmacro %}

{% macro key_text(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append("coalesce(cast(" ~ column ~ " as varchar), '')") -%}
    {%- endfor -%}
    {{ parts | join(" || '|' || ") }}
{%- endmacro %}

{# Facts of the registry (var facts) that publishers state, by table. #}
{% macro stated_facts() -%}
    {%- set stated = {} -%}
    {%- for table, about in var('facts').items() if not about.derived -%}
        {%- do stated.update({table: about}) -%}
    {%- endfor -%}
    {{ return(stated) }}
{%- endmacro %}

{# Feeds whose statements are the records behind some fact. #}
{% macro feeds_of_statements() -%}
    {%- set feeds = [] -%}
    {%- for about in var('facts').values() if about.lineage == 'statements' and about.feed not in feeds -%}
        {%- do feeds.append(about.feed) -%}
    {%- endfor -%}
    {{ return(feeds) }}
{%- endmacro %}

{# The first of these columns that is part of a fact's key, or null as text. #}
{% macro key_column(about, columns) -%}
    {%- set found = columns | select('in', about.key) | list -%}
    {{ found[0] if found else 'cast(null as varchar)' }}
{%- endmacro %}

{# What names the measured thing beside its source, country, partner, flow, product and period: the rest of the key. #}
{% macro detail_columns(about) -%}
    {%- set told_apart = [
        'source_code', 'edition', 'country_code', 'reporter_code', 'exporter_code', 'partner_code', 'importer_code',
        'flow', 'product_key', 'period_type', 'period_start', 'year', 'as_of_year',
    ] -%}
    {{ return(about.key | reject('in', told_apart) | list) }}
{%- endmacro %}

{# A number as text, without an exponent or digits that mean nothing. #}
{% macro figure_text(column) -%}
    regexp_replace(cast(cast({{ column }} as decimal(28, 4)) as varchar), '\.?0+$', '')
{%- endmacro %}
