{# One kind of period of India–China trade, by direction and product. What may be added up has a column for each
   direction, which is filled where all products of the direction and period are known; what is true of one flow alone
   is named flow_…. #}
{% macro bi_corridor(period_type) -%}
{%- set products = var('bi_corridor_products')[period_type] -%}
with flows as (
    select
        *,
        count(value_usd) over (partition by exporter_code, period_start) = {{ products | length }} as is_whole
    from {{ ref('mart_corridor') }}
    where
        period_type = '{{ period_type }}'
        and product_key in ({{ quoted(products) }})
),

known as (
    select
        fact_id,
        known_from
    from {{ ref('fct_trade_mirror') }}
)

select
    flows.period_start,
    flows.period_label,
    flows.exporter_name || ' to ' || flows.importer_name as direction_name,
    flows.product_key,
    flows.product_description,
    case when flows.is_whole and flows.exporter_code = 'CHN' then flows.value_usd end as china_to_india_usd,
    case when flows.is_whole and flows.exporter_code = 'IND' then flows.value_usd end as india_to_china_usd,
    flows.value_usd as flow_value_usd,
    flows.value_low_usd as flow_value_low_usd,
    flows.value_high_usd as flow_value_high_usd,
    flows.exporter_fob_usd as flow_exporter_fob_usd,
    flows.importer_cif_usd as flow_importer_cif_usd,
    flows.weight_kg as flow_weight_kg,
    case
        when flows.value_basis <> 'none' then flows.value_basis
        when flows.holding_status = 'held' then 'no_value'
        else flows.holding_status
    end as certainty,
    nullif(concat_ws('; ', exporter_sources.title, nullif(importer_sources.title, exporter_sources.title)), '')
        as source_name,
    known.known_from,
    flows.fact_id
from flows
left join known on flows.fact_id = known.fact_id
left join {{ ref('dim_source') }} as exporter_sources on flows.exporter_source_code = exporter_sources.source_code
left join {{ ref('dim_source') }} as importer_sources on flows.importer_source_code = importer_sources.source_code
{%- endmacro %}
