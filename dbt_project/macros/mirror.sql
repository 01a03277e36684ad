{# Where between both reports the truth lies: the exporter's weight, and the two ends of its interval. With log errors of
   variances v_x and v_m, the truth given a gap lies at the share w = v_m / (v_x + v_m) of the way from the importer's report
   to the exporter's, with variance w (1 − w) once the gap itself is taken for the measure of both errors; the uncertainty
   of w adds to it. 1.2816 leaves one in ten beyond each end. #}
{% macro exporter_weight(prefix) -%}
    {{ prefix }}_m_share / ({{ prefix }}_x_share + {{ prefix }}_m_share)
{%- endmacro %}

{% macro position_sd(weight, prefix) -%}
    sqrt(
        {{ weight }} * (1 - {{ weight }})
        + power({{ weight }} * (1 - {{ weight }}), 2)
        * (power({{ prefix }}_x_sd, 2) + power({{ prefix }}_m_sd, 2) + power({{ prefix }}_split_sd, 2))
    )
{%- endmacro %}

{# One end of the interval: 0 and 1 where a mistake of unit is suspected, for it is named and not proved. #}
{% macro position_end(function, prefix, limit, sign) -%}
    case
        when panel_{{ prefix }}_weight is null then null
        when suspect_{{ prefix }}_weight is not null then {{ limit }}
        else {{ function }}({{ limit }}, panel_{{ prefix }}_weight {{ sign }} 1.2816 * w_{{ prefix }}_sd)
    end
{%- endmacro %}

{# Standard deviation of the log error of a sole report: of a usual flow's variance the part that is this reporter's, at
   the size of the flow, or the least size that the panel shows. #}
{% macro own_error_sd(prefix, side, figure) -%}
    {{ prefix }}_typical_sigma
    * power(greatest({{ figure }}, {{ prefix }}_least_size) / {{ prefix }}_usual_size, {{ prefix }}_size_slope / 2)
    * sqrt({{ prefix }}_{{ side }}_share)
{%- endmacro %}

{# The lowest or highest of a mean of two ends with either weight. #}
{% macro mixed(function, low_weight, high_weight, exporter, importer) -%}
    {{ function }}(
        {{ low_weight }} * {{ exporter }} + (1 - {{ low_weight }}) * {{ importer }},
        {{ high_weight }} * {{ exporter }} + (1 - {{ high_weight }}) * {{ importer }}
    )
{%- endmacro %}

{# The country an area stands for in the mirror: "Other Asia, not elsewhere specified" is in practice Taiwan. #}
{% macro mirror_country(area_code) -%}
    case {{ area_code }} when 'S19' then 'TWN' else {{ area_code }} end
{%- endmacro %}
