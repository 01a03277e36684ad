{# The rows of a CTE with the name of each of these codes of areas: reporter_name for reporter_code. #}
{% macro named(rows, codes) -%}
select
    {{ rows }}.*,
    {%- for code in codes %}
    {{ code }}s.area_name as {{ code | replace('_code', '_name') }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ rows }}
{%- for code in codes %}
left join {{ ref('dim_area') }} as {{ code }}s on {{ rows }}.{{ code }} = {{ code }}s.area_code
{%- endfor %}
{%- endmacro %}
