{# Which years a build rebuilds. A table of trade is a function of the reports of its own years, so a build that
   changes some reports rebuilds the years of those reports and keeps the others as the last build left them.
   `ledger.years_to_build` (warehouse/release/basis.py) has a row for each part and year to build; a null year is
   every year. Parts: `trade`, and `mirror` for the reconciled figures, which are all rebuilt where a parameter of the
   method changes.

   What crosses the end of a year, and how it is kept right:
   - A fiscal year has months of two calendar years and belongs to the one in which it begins: with a year, the one
     before it is built too, and months are also read of the one after it.
   - A yearly weight is held against the years around it: `build_years_of_other_weights` adds the years in which that
     comes out otherwise.
   - Records, spreads and the ratios of CIF to FOB are estimated over all years: `build_every_mirror_if_its_method_changed`. #}

{# The years that this build rebuilds, in order, or none where it builds all. Years are added while models run (below),
   and a model runs beside the one that adds them. So a node keeps the first answer that it gets: a model deletes the years
   that it was compiled for. #}
{% macro years_to_build(part='trade') -%}
    {%- set rows = ledger_rows('years_to_build', 'part, year', asked_by=model.unique_id) -%}
    {%- if rows is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set years = rows | selectattr(0, 'in', ['trade', part]) | map(attribute=1) | unique | list -%}
    {{ return(none if none in years else years | sort) }}
{%- endmacro %}

{# The portions in which a build of every year fills the tables that are made by year, each as its first and last year: it
   holds no more in memory than one portion takes, and rows of near years lie together. None where it fills them at once
   (`ledger.year_portions`, warehouse/release/basis.py). A statement finds its portion in the variables `first_year` and
   `last_year` of its connection. #}
{% macro year_portions() -%}
    {{ return(ledger_rows('year_portions', 'first_year, last_year', asked_by='every node') or []) }}
{%- endmacro %}

{# The rows of a table of the ledger, or none while dbt parses and where there is no such table. They are asked for once and
   then kept in `graph`, which all nodes of a run share. #}
{% macro ledger_rows(table, columns, asked_by) -%}
    {%- if not execute or adapter.get_relation('work', 'ledger', table) is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set answers = graph.setdefault('ledger_rows', {}) -%}
    {%- set asked = table ~ ' by ' ~ asked_by -%}
    {%- if asked not in answers -%}
        {%- set query = 'select ' ~ columns ~ ' from work.ledger.' ~ table ~ ' order by all' -%}
        {%- do answers.update({asked: run_query(query).rows | map('list') | list}) -%}
    {%- endif -%}
    {{ return(answers[asked]) }}
{%- endmacro %}

{# Whether a row belongs to the portion that is being built; or to the year after it, where `and_next`. #}
{% macro is_of_portion(column, and_next=false) -%}
    {%- set last = "getvariable('last_year')" ~ (' + 1' if and_next else '') -%}
    {%- if column.endswith('year') -%}
    {{ column }} between getvariable('first_year') and {{ last }}
    {%- else -%}
    {{ column }} between make_date(getvariable('first_year'), 1, 1) and make_date({{ last }}, 12, 31)
    {%- endif -%}
{%- endmacro %}

{# Whether a row belongs to one of these years, as ranges, which DuckDB holds against the least and greatest value of each
   block of a table. `column` is a date, or the number of a year where its name says so. #}
{% macro is_of_years(column, years) -%}
    {%- if years is none -%}
    true
    {%- elif not years -%}
    false
    {%- elif column.endswith('year') -%}
    {{ column }} in ({{ years | join(', ') }})
    {%- else -%}
    (
        {%- for year in years %}
        {{ column }} between date '{{ year }}-01-01' and date '{{ year }}-12-31'
        {%- if not loop.last %}
        or
        {%- endif %}
        {%- endfor %}
    )
    {%- endif -%}
{%- endmacro %}

{# A relation, of the years to build alone; of those after them too where `and_next`. Only for models made by year. #}
{% macro of_years(relation, column='period_start', part='trade', and_next=false) -%}
    {%- set years = years_to_build(part) -%}
    {%- if years is none and not year_portions() -%}
    {{ relation }}
    {%- elif years is none -%}
    (select * from {{ relation }} where {{ is_of_portion(column, and_next) }})
    {%- else -%}
    {%- set read = [] -%}
    {%- for year in years -%}
        {%- for one in ([year, year + 1] if and_next else [year]) if one not in read %}{% do read.append(one) %}{% endfor -%}
    {%- endfor -%}
    (select * from {{ relation }} where {{ is_of_years(column, read | sort) }})
    {%- endif -%}
{%- endmacro %}

{# A table of which a build rebuilds some years and keeps the others: what `incremental` means here, instead of
   dbt's own. `meta.year_column` names the column that tells the year of a row, by default period_start; rows without one
   are rebuilt by every build. #}
{% materialization incremental, adapter='duckdb' %}
    {%- set about = config.get('meta') or {} -%}
    {%- set years = years_to_build(about.get('year_part', 'trade')) -%}
    {%- set column = about.get('year_column', 'period_start') -%}
    {%- if years is none -%}
        {{ return(made_of_every_year(column)) }}
    {%- endif -%}
    {%- if load_cached_relation(this) is none -%}
        {{ exceptions.raise_compiler_error(this ~ ' has no years to keep: build all of them') }}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {%- if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(compiled_code) }}
        {%- endif %}
        delete from {{ this }} where {{ column }} is null or {{ is_of_years(column, years) }};
        insert into {{ this }} by name (
            {{ compiled_code }}
        )
    {%- endcall -%}
    {{ return(made(this)) }}
{% endmaterialization %}

{# The table of every year, as other tables are made; where there are portions of years, of the first of them, and then the rows
   of each other one. Rows without a year come with the first. #}
{% macro made_of_every_year(column) -%}
    {%- set portions = year_portions() -%}
    {%- if not portions -%}
        {{ return(materialization_table_duckdb()) }}
    {%- endif -%}
    {%- do use_portion(portions[0]) -%}
    {%- set made = materialization_table_duckdb() -%}
    {%- for portion in portions[1:] -%}
        {%- do use_portion(portion) -%}
        {%- call statement('portion') -%}
        insert into {{ this }} by name (
            select * from ({{ compiled_code }}) where {{ column }} is not null
        )
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endfor -%}
    {{ return(made) }}
{%- endmacro %}

{% macro use_portion(portion) -%}
    {%- do run_query('set variable first_year = ' ~ portion[0]) -%}
    {%- do run_query('set variable last_year = ' ~ portion[1]) -%}
{%- endmacro %}

{# A relation for a test: of a table that is made by year, or a view over such (`meta.year_column`), the years that were
   built. The others passed when they were. `part` is another part whose years it is tested beside. #}
{% macro as_built(relation, part=none) -%}
    {%- set node = graph.nodes.get('model.' ~ project_name ~ '.' ~ relation.identifier) if execute -%}
    {%- set about = node.config.meta if node else {} -%}
    {%- set is_by_year = 'year_column' in about or (node and node.config.materialized == 'incremental') -%}
    {%- set years = years_to_build(part or about.get('year_part', 'trade')) if is_by_year -%}
    {%- if not is_by_year or years is none -%}
    {{ relation }}
    {%- else -%}
    {%- set column = about.get('year_column', 'period_start') -%}
    (select * from {{ relation }} where {{ column }} is null or {{ is_of_years(column, years) }})
    {%- endif -%}
{%- endmacro %}

{# dbt's generic tests: the years that were built, and the rows of `where`. #}
{% macro duckdb__get_where_subquery(relation) -%}
    {%- if config.get('where') -%}
    (select * from {{ as_built(relation) }} where {{ config.get('where') }}) dbt_subquery
    {%- else -%}
    {{ as_built(relation) }}
    {%- endif -%}
{%- endmacro %}

{# After int_trade__odd_weights is made: add the years in which a weight is odd now and was not, or was and is not.
   int_trade__failed_rules still has what the last build found. #}
{% macro build_years_of_other_weights() -%}
    {%- if years_to_build() is not none -%}
    {%- set columns = 'fact_id, period_start, words' -%}
    {%- set was -%}
        select {{ columns }} from work.intermediate.int_trade__failed_rules where rule = 'yearly_weights_do_not_fall_or_rise_tenfold_without_the_value'
    {%- endset -%}
    insert into work.ledger.years_to_build
    select distinct
        'trade' as part,
        year(period_start) as year
    from (
        (select {{ columns }} from {{ this }} except {{ was }})
        union all
        ({{ was }} except select {{ columns }} from {{ this }})
    )
    {%- endif -%}
{%- endmacro %}

{# After int_mirror__method is made: build every year of the mirror where the method's version, or the ratio that is
   observed of a product, is not what the published flows have. #}
{% macro build_every_mirror_if_its_method_changed() -%}
    {%- if years_to_build('mirror') is not none -%}
    insert into work.ledger.years_to_build
    select
        'mirror' as part,
        null as year
    from (
        select distinct
            product_key,
            cif_ratio_observed,
            cif_ratio_pairs,
            method_version
        from {{ target.database }}.core.fct_trade_mirror
    ) as published
    left join work.intermediate.int_trade__cif_rates as rates on published.product_key = rates.product_key
    cross join {{ this }} as method
    where
        published.method_version <> method.method_version
        or published.cif_ratio_observed is distinct from rates.median_ratio
        or published.cif_ratio_pairs <> coalesce(rates.n_pairs, 0)
    limit 1
    {%- endif -%}
{%- endmacro %}
