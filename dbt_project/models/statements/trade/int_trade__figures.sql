-- Grain: one current figure of one flow: a source's report, or its national lines added up (`figure_basis`).
-- A view: most statements are current.
{{ config(materialized='view', meta={'year_column': 'period_start'}) }}
-- noqa: disable=LT02
{%- for model, basis in [('int_trade__resolved', 'reported'), ('int_trade__rolled_up', 'rolled_up')] %}
select
    fact_id,
    source_code,
    reporter_code,
    partner_code,
    is_partner_world,
    flow,
    product_key,
    hs_code,
    period_type,
    period_start,
    period_end,
    value_usd,
    coalesce(value_low_usd, value_usd - coalesce(value_rounding_usd, 0)) as value_low_usd,
    coalesce(value_high_usd, value_usd + coalesce(value_rounding_usd, 0)) as value_high_usd,
    value_rounding_usd,
    value_local,
    currency_code,
    net_weight_kg,
    weight_rounding_kg,
    weight_status,
    valuation,
    known_from,
    flow_across_measures_id,
    listing_across_measures_id,
    series_id,
    listing_series_id,
    '{{ basis }}' as figure_basis
from {{ ref(model) }}
where known_to is null
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
