{# Tables and views are made in place: a build's candidate is read by nobody before it is published, and goes when the build
   fails. dbt's own materializations make a table beside the one it replaces and rename both, which takes longer than most
   models do. A table of the work file is replaced in one transaction, so an interrupted build leaves the old one; a Python
   model writes on a connection of its own, which has to see the old table gone. #}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {{ drop_earlier() }}
    {%- call statement('main', language=model.language) -%}
        {{- create_table_as(False, relation, compiled_code, model.language) -}}
    {%- endcall -%}
    {{ return(made(relation)) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {{ drop_earlier() }}
    {%- call statement('main') -%}
        {{ get_create_view_as_sql(relation, compiled_code) }}
    {%- endcall -%}
    {{ return(made(relation)) }}
{% endmaterialization %}

{# Drop what the last build left of this model. #}
{% macro drop_earlier() -%}
    {%- set earlier = load_cached_relation(this) -%}
    {%- if earlier is not none -%}
        {%- call statement('drop', auto_begin=(model.language == 'sql')) -%}
        drop {{ earlier.type }} if exists {{ earlier }}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}

{# Commit a table or view, and say to dbt what was made. #}
{% macro made(relation) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- if model.language == 'sql' or post_hooks -%}
        {{ adapter.commit() }}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{%- endmacro %}
