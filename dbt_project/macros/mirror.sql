{# The country that an area is taken for in the mirror: "Other Asia, not elsewhere specified" is in practice Taiwan. #}
{% macro mirror_country(area_code) -%}
    case {{ area_code }} when 'S19' then 'TWN' else {{ area_code }} end
{%- endmacro %}

{# The id of a flow in the mirror: exporter, importer, product and period. #}
{% macro mirror_fact_id() -%}
    {{ fact_id(["'mirror'", 'exporter_code', 'importer_code', 'product_key', 'period_type', period_key()]) }}
{%- endmacro %}

{# The log of a factor that is named in the vars: log gaps are compared with it. #}
{% macro log_factor(name) -%}
    ln({{ var(name) }})
{%- endmacro %}

{# A constant of the exporter's weight by kind of figure. #}
{% macro of_figure_kind(name, constant) -%}
    case figure_kind
        {%- for figure_kind, constants in var(name).items() %} when '{{ figure_kind }}' then {{ constants[constant] }}{% endfor %} end
{%- endmacro %}

{# The exporter's weight, between 0 and 1, from both records: BACI's share of variances. A side without a record counts as
   the usual reporter. Python has the same (warehouse/statistics/reporter_record.py). #}
{% macro exporter_weight(x_record, m_record) -%}
    1 / (1 + exp(
        -({{ of_figure_kind('mirror_weights', 'logit') }})
        - ({{ of_figure_kind('mirror_weights', 'gain') }}) * (coalesce({{ m_record }}, 0) - coalesce({{ x_record }}, 0))
    ))
{%- endmacro %}

{# Squared scale of the gap between two reports of a flow, from the level of its product, its size and both reporters.
   Flows below the least of the panel count as of that size: no panel shows smaller ones. #}
{% macro gap_variance(x_effect, m_effect) -%}
    exp(
        log_variance
        + size_slope * ln(
            greatest(coalesce(size_usd, {{ var('spread_reference_usd') }}), {{ var('panel_least_usd') }} / 2)
            / {{ var('spread_reference_usd') }}
        )
        + coalesce({{ x_effect }}, 0) + coalesce({{ m_effect }}, 0)
    )
{%- endmacro %}

{# The nearest class of distance that holds two reports, as branches of a case: none beyond the last. #}
{% macro distance_branches(log_gap) -%}
    {%- for distance, factor in var('distance_classes').items() %}
            when not {{ exceeds('abs(' ~ log_gap ~ ')', 'ln(' ~ factor ~ ')') }} then '{{ distance }}'
    {%- endfor %}
{%- endmacro %}

{# Whether BACI's figure, with its rounding, lies between two ends. #}
{% macro reference_is_inside(low, high) -%}
    not {{ exceeds(low, 'reference_figure + rounding') }}
    and not {{ exceeds('reference_figure - rounding', high) }}
{%- endmacro %}
