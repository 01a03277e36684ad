{# Load a seed as dbt-duckdb does, but from a path that may hold an apostrophe or a wildcard, which
dbt-duckdb does not escape. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {%- set file = adapter.get_seed_file_path(model) | replace("'", "''") -%}
    {%- set pattern = file | replace("[", "[[]") | replace("*", "[*]") | replace("?", "[?]") -%}
    {%- set sql -%}
        copy {{ this.render() }} from '{{ pattern }}' (format csv, header true)
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{- return(sql) -}}
{% endmacro %}
