{# HS:850511 for an international code, IN:85051190 or CN:28469099 for a national line. #}
{% macro product_key(code_country, hs_code) -%}
    case {{ code_country }} when 'IND' then 'IN' when 'CHN' then 'CN' else coalesce({{ code_country }}, 'HS') end
    || ':' || {{ hs_code }}
{%- endmacro %}

{# What names a period beside its kind: its first day, and of a range of months its last day too, since ranges of one
   report begin alike (January to June, January to July). #}
{% macro period_key() -%}
    case when period_type = 'month_range' then period_start || '/' || period_end else cast(period_start as varchar) end
{%- endmacro %}

{# The columns that both published trade facts share, in the order of the contract. #}
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
    reo_tonnes_low,
    reo_tonnes_central,
    reo_tonnes_high,
    reo_factor_id
{%- endmacro %}

{# The rows of a model of trade, each with its weight in tonnes of rare-earth oxide where the weight is known. #}
{% macro with_reo(model) -%}
    select
        trade.*,
        reo.reo_tonnes_low,
        reo.reo_tonnes_central,
        reo.reo_tonnes_high,
        reo.reo_factor_id
    from {{ ref(model) }} as trade
    left join {{ ref('int_trade__reo') }} as reo on trade.fact_id = reo.fact_id
{%- endmacro %}
