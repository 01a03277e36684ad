{# Marks among the facts that are known: each rule once, over the columns of the published fact, for the release and for
   `ree as-of`, which evaluates the same text (meta.as_of_rules) on the facts known on a day. #}

{# One report of each flow: first one with a value, then the least rounded, then one with a weight. #}
{% macro preferred_flow() -%}
    known_to is null and row_number() over (
        partition by
            reporter_code, partner_code, flow, product_key, period_type, period_start, period_end, known_to is null
        order by value_usd is null, value_rounding_usd, net_weight_kg is null, source_code, fact_id
    ) = 1
{%- endmacro %}

{# The rows of one source per year: the first of var production_sources that states the year. Series of the BGS other
   than its oxides overlap and are never used. #}
{% macro preferred_production() -%}
    {{ _of_the_first_source('year') }}
{%- endmacro %}

{# The same of printed totals, by measure and year. #}
{% macro preferred_total() -%}
    {{ _of_the_first_source('measure, year') }}
{%- endmacro %}

{% macro _of_the_first_source(measured) -%}
    known_to is null
    and series not like 'rare_earth_minerals%'
    and {{ _source_rank() }} = min(
        case when known_to is null and series not like 'rare_earth_minerals%' then {{ _source_rank() }} end
    ) over (partition by {{ measured }})
{%- endmacro %}

{% macro _source_rank() -%}
    case source_code
        {%- for source in var('production_sources') %} when '{{ source }}' then {{ loop.index }}{% endfor %} else {{ var('production_sources') | length + 1 }} end
{%- endmacro %}

{# Rows of the newest edition of a source. #}
{% macro current_reserves() -%}
    known_to is null
    and coalesce(edition, '') = first_value(coalesce(edition, '')) over (
        partition by source_code, known_to is null
        order by known_from desc, edition desc
    )
{%- endmacro %}

{# The newest figure of each resource: of a country, of a kind of deposit or of a region, which overlap. #}
{% macro current_resources() -%}
    known_to is null
    and period_end = max(period_end) over (
        partition by source_code, country_code, region_name, deposit, substance, known_to is null
    )
{%- endmacro %}

{# The rule of one mark of one fact, as the registry (var facts) names it. #}
{% macro mark(table, column) -%}
    {{ context[var('facts')[table]['marks'][column]]() }}
{%- endmacro %}
