{# HS:850511 for an international code; IN:85051190, CN:28469099 or JP:850511000 for a line of a national schedule, whose
   prefix is the ISO 3166-1 alpha-2 code of its country (seed_area). Null where that country has none. #}
{% macro product_key(code_country, iso2_code, hs_code) -%}
    case when {{ code_country }} is null then 'HS' else {{ iso2_code }} end || ':' || {{ hs_code }}
{%- endmacro %}

{# What names a period beside its kind: its first day, and of a range of months its last day too, since ranges of one
   report begin alike (January to June, January to July). #}
{% macro period_key() -%}
    case when period_type = 'month_range' then period_start || '/' || period_end else cast(period_start as varchar) end
{%- endmacro %}

{# The identity of a flow: who states it, whose trade it is, with whom, in which direction, of what, when, and in what it
   is measured (US$, another currency, kg). `without` leaves parts out, for what several flows have in common:

   flow_id                     all parts
   listing_id                  without partner: what one source states of all partners
   flow_across_sources_id      without source and measure: the flow, whoever states it
   flow_across_measures_id     without measure: the flow of one source
   listing_across_measures_id  without partner and measure
   series_id                   without period and measure: a flow through time
   listing_series_id           without partner, period and measure #}
{% macro flow_id(without=[]) -%}
    {%- set parts = {
        'source': ['source_code'],
        'reporter': ['reporter_code'],
        'partner': ['partner_code'],
        'direction': ['flow'],
        'product': ['product_key'],
        'period': ['period_type', period_key()],
        'measure': ['stated_in'],
    } -%}
    {%- set columns = [] -%}
    {%- for part, names in parts.items() if part not in without -%}
        {%- do columns.extend(names) -%}
    {%- endfor -%}
    {%- for part in without if part not in parts -%}
        {%- do exceptions.raise_compiler_error("flow_id has no part " ~ part ~ "; its parts are " ~ parts | join(", ")) -%}
    {%- endfor -%}
    {{ group_id(columns) }}
{%- endmacro %}

{# The ids of a current figure, by which months are chosen, added up to years and made series. #}
{% macro ids_across_measures() -%}
    {{ flow_id(without=['measure']) }} as flow_across_measures_id,
    {{ flow_id(without=['partner', 'measure']) }} as listing_across_measures_id,
    {{ flow_id(without=['period', 'measure']) }} as series_id,
    {{ flow_id(without=['partner', 'period', 'measure']) }} as listing_series_id
{%- endmacro %}

{# The columns that the published trade facts share, in the order of the contract. #}
{% macro published_trade_columns() -%}
    {{ statement_columns() }},
    reporter_code,
    partner_code,
    flow,
    product_key,
    hs_code,
    hs_revision,
    period_type,
    period_start,
    period_end,
    stated_in,
    value_usd,
    value_low_usd,
    value_high_usd,
    value_local,
    currency_code,
    value_rounding_usd,
    value_rounding_local,
    value_raw,
    value_status,
    basis_code,
    is_revised,
    net_weight_kg,
    weight_rounding_kg,
    weight_raw,
    weight_status,
    quantity,
    quantity_unit,
    valuation,
    partner_basis,
    is_preferred,
    failed_rules,
    reo_tonnes_low,
    reo_tonnes_central,
    reo_tonnes_high,
    reo_factor_id
{%- endmacro %}

{# The valuation that all rows of a group have; unknown where they differ. #}
{% macro common_valuation(valuation) -%}
    case when count(distinct {{ valuation }}) = 1 then max({{ valuation }}) else 'unknown' end
{%- endmacro %}

{# Whether the weights of a listing's partners, a group of rows, reach its printed total within their roundings: then no
   partner is left out. True where no total is printed. #}
{% macro weights_make_up_the_total() -%}
    coalesce(
        {{ exact_sum('net_weight_kg', where='is_partner_world') }}
        - {{ exact_sum('net_weight_kg', where='not is_partner_world') }}
        <= coalesce({{ exact_sum('weight_rounding_kg') }}, 0),
        true
    )
{%- endmacro %}

{# Months that series of events may be made of: headings and the lines of event_lines, without re-imports. #}
{% macro is_of_event_series() -%}
    (product_key like 'HS:%' or product_key in ({{ quoted(var('event_lines')) }}))
    and reporter_code <> partner_code
{%- endmacro %}

{# Listings of which only some partners were transcribed. #}
{% macro lists_some_partners() -%}
    (source_code, flow, stated_in) in (
        {%- for listing in var('listings_of_some_partners') %}
        ('{{ listing | join("', '") }}'){{ "," if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{# The rules that each fact fails, by fact_id, joined by ";" (meta.failed_rules has them one by one). #}
{% macro failed_rules_by_fact(failed_rules) -%}
    select
        fact_id,
        string_agg(distinct rule, '; ' order by rule) as failed_rules
    from {{ failed_rules }}
    group by fact_id
{%- endmacro %}

{# Whether a flow is one of India or China with the other or with the world. #}
{% macro is_of_the_corridor(reporter='reporter_code', partner='partner_code') -%}
    ({{ reporter }} in ('IND', 'CHN') and {{ partner }} in ('IND', 'CHN', 'WLD'))
{%- endmacro %}
