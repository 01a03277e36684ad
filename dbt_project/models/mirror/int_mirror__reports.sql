-- Grain: one flow between two countries: exporter × importer × product × period, where at least one side reports, with
-- the value and the weight of each side. Both are chosen alike, each from the best statement that has one: a period
-- that the side reports comes before one added up from national lines, and that before a year built from months. Most
-- sides have one statement, and nothing is chosen. "Other Asia, nes" is taken for Taiwan here, and only here: Comtrade
-- gives Taiwan's trade under that name. Other special areas have no other side.
{{ config(materialized='incremental') }}
-- noqa: disable=LT02
{%- set kinds = var('closed_lists')['figure_kind'] %}
{%- set sides = {'x': 'exporters', 'm': 'importers'} %}
{%- set of_statement = ['fact_id', 'source_code', 'series_id', 'period_basis'] %}
{%- set of_figure = ['status', 'figure', 'low', 'high'] %}
with countries as (
    select
        area_code,
        {{ mirror_country('area_code') }} as country_code
    from {{ ref('seed_area') }}
    where
        area_type = 'country'
        or area_code = 'S19'
),

current_figures as (
    select * from {{ of_years(ref('int_trade__figures')) }}
    where not is_partner_world
),

built_years as (
    select * from {{ of_years(ref('int_trade__built_years')) }}
    where not is_partner_world
),

statements as (
    {%- set columns = [
        'fact_id', 'series_id', 'source_code', 'reporter_code', 'partner_code', 'flow', 'product_key', 'hs_code',
        'period_type', 'period_start', 'period_end', 'valuation', 'value_usd', 'value_low_usd', 'value_high_usd',
        'net_weight_kg', 'weight_rounding_kg', 'weight_status', 'known_from',
    ] %}
    select
        {{ columns | join(',\n        ') }},
        figure_basis as period_basis,
        case figure_basis when 'reported' then 1 else 2 end as preference
    from current_figures
    union all by name
    select
        {{ columns | reject('equalto', 'fact_id') | join(',\n        ') }},
        'built_from_months' as period_basis,
        3 as preference
    from built_years
),

-- a value counts as reported wherever it is stated; of some only the bounds are
bilateral as (
    select
        statements.* exclude (
            value_usd, value_low_usd, value_high_usd, net_weight_kg, weight_rounding_kg, weight_status
        ),
        case statements.flow when 'export' then reporters.country_code else partners.country_code end as exporter_code,
        case statements.flow when 'export' then partners.country_code else reporters.country_code end as importer_code,
        'S19' in (statements.reporter_code, statements.partner_code) as is_other_asia,
        case
            when statements.value_high_usd is null then null
            when statements.value_usd is null then 'range'
            else 'reported'
        end as value_status,
        statements.value_usd as value_figure,
        statements.value_low_usd as value_low,
        statements.value_high_usd as value_high,
        statements.value_high_usd - statements.value_low_usd as value_uncertainty,
        case when statements.net_weight_kg is not null then statements.weight_status end as weight_status,
        statements.net_weight_kg as weight_figure,
        statements.net_weight_kg - coalesce(statements.weight_rounding_kg, 0) as weight_low,
        statements.net_weight_kg + coalesce(statements.weight_rounding_kg, 0) as weight_high,
        statements.weight_rounding_kg as weight_uncertainty
    from statements
    inner join countries as reporters on statements.reporter_code = reporters.area_code
    inner join countries as partners on statements.partner_code = partners.area_code
    where
        reporters.country_code <> partners.country_code
        and (statements.value_high_usd is not null or statements.net_weight_kg is not null)
),

identified as (
    select
        *,
        {{ mirror_fact_id() }} as mirror_fact_id
    from bilateral
),

stated_again as (
    select
        mirror_fact_id,
        flow
    from identified
    group by mirror_fact_id, flow
    having count(*) > 1
),

of_several as (
    select identified.*
    from identified
    inner join stated_again
        on
            identified.mirror_fact_id = stated_again.mirror_fact_id
            and identified.flow = stated_again.flow
),

{%- for kind in kinds %}

{{ kind }}_of_several as (
    select * from of_several
    where {{ kind }}_high is not null
    qualify
        row_number() over (
            partition by mirror_fact_id, flow
            order by
                {{ kind }}_status in ('range', 'estimated'),
                preference,
                {{ kind }}_uncertainty,
                source_code,
                fact_id
        ) = 1
),
{%- endfor %}

{%- set of_flow = [
    'mirror_fact_id', 'flow', 'exporter_code', 'importer_code', 'product_key', 'hs_code', 'period_type', 'period_start',
    'period_end',
] %}

sides as (
    select
        {%- for column in of_flow %}
        identified.{{ column }},
        {%- endfor %}
        identified.is_other_asia,
        identified.known_from,
        case when identified.value_high is not null then identified.valuation = 'FOB' end as is_fob
        {%- for kind in kinds %}
        {%- for column in of_statement %},
        case when identified.{{ kind }}_high is not null then identified.{{ column }} end as {{ kind }}_{{ column }}
        {%- endfor %}
        {%- for column in of_figure %},
        identified.{{ kind }}_{{ column }}
        {%- endfor %}
        {%- endfor %}
    from identified
    left join stated_again
        on
            identified.mirror_fact_id = stated_again.mirror_fact_id
            and identified.flow = stated_again.flow
    where stated_again.flow is null
    union all
    select
        {%- for column in of_flow %}
        coalesce(of_value.{{ column }}, of_weight.{{ column }}) as {{ column }},
        {%- endfor %}
        coalesce(of_value.is_other_asia, false) or coalesce(of_weight.is_other_asia, false) as is_other_asia,
        greatest(of_value.known_from, of_weight.known_from) as known_from,
        of_value.valuation = 'FOB' as is_fob
        {%- for kind in kinds %}
        {%- for column in of_statement %},
        of_{{ kind }}.{{ column }} as {{ kind }}_{{ column }}
        {%- endfor %}
        {%- for column in of_figure %},
        of_{{ kind }}.{{ kind }}_{{ column }}
        {%- endfor %}
        {%- endfor %}
    from value_of_several as of_value
    full join weight_of_several as of_weight
        on
            of_value.mirror_fact_id = of_weight.mirror_fact_id
            and of_value.flow = of_weight.flow
),

exporters as (
    select * from sides
    where flow = 'export'
),

importers as (
    select * from sides
    where flow = 'import'
)

select
    {%- for column in of_flow if column not in ['mirror_fact_id', 'flow'] %}
    coalesce(exporters.{{ column }}, importers.{{ column }}) as {{ column }},
    {%- endfor %}
    coalesce(exporters.mirror_fact_id, importers.mirror_fact_id) as fact_id,
    coalesce(exporters.is_other_asia, false) or coalesce(importers.is_other_asia, false) as is_other_asia,
    greatest(exporters.known_from, importers.known_from) as known_from,
    importers.is_fob as is_m_fob
    {%- for side, reporters in sides.items() %}
    {%- for kind in kinds %}
    {%- for column in of_statement + of_figure %},
    {{ reporters }}.{{ kind }}_{{ column }} as {{ side }}_{{ kind }}_{{ column }}
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}
from exporters
full join importers on exporters.mirror_fact_id = importers.mirror_fact_id
