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

{# Standard deviation of the log error of a sole report: the reporter's share of the variance of a flow of this size, or
   of the least size that the panel shows. #}
{% macro own_error_sd(figure, share) -%}
    typical_sigma * power(greatest({{ figure }}, least_size) / usual_size, size_slope / 2) * sqrt({{ share }})
{%- endmacro %}

{# The lower or higher of the two means of both sides' bounds that the ends of the exporter's weight give. #}
{% macro mixed(function, exporter, importer) -%}
    {{ function }}(
        w_low * {{ exporter }} + (1 - w_low) * {{ importer }},
        w_high * {{ exporter }} + (1 - w_high) * {{ importer }}
    )
{%- endmacro %}
