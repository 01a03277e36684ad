-- Grain: one flow between two countries (exporter × importer × product × period) and kind of figure, both kinds for
-- every flow: what each side reports, side by side. The importer's value is taken as FOB as it stands; how far freight
-- and insurance may put it above (cif_ratio_high) is part of the interval of a sole report.
{{ config(materialized='view', meta={'year_column': 'period_start'}) }}
-- noqa: disable=LT02
{%- set kinds = var('closed_lists')['figure_kind'] %}
with pairs as (
    {%- for kind in kinds %}
    select
        fact_id,
        exporter_code,
        importer_code,
        product_key,
        hs_code,
        period_type,
        period_start,
        period_end,
        '{{ kind }}' as figure_kind,
        x_{{ kind }}_status as x_status,
        m_{{ kind }}_status as m_status,
        x_{{ kind }}_figure as x_figure,
        x_{{ kind }}_low as x_low,
        x_{{ kind }}_high as x_high,
        m_{{ kind }}_figure as m_reported,
        m_{{ kind }}_low as m_reported_low,
        m_{{ kind }}_high as m_high,
        x_value_figure as x_value_usd,
        m_value_figure as m_value_usd,
        is_m_fob
    from {{ ref('int_mirror__reports') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- of values only: a weight has no freight and insurance in it
rated_pairs as (
    select
        *,
        case when figure_kind = 'value' then cast({{ var('cif_ratio_applied') }} as double) end as cif_ratio,
        case when figure_kind = 'value' then cast(if(is_m_fob, 1.0, {{ var('cif_margin') }}) as double) end
            as cif_ratio_high,
        case when figure_kind = 'value' then if(is_m_fob, 'reported_fob', 'not_applied') end as cif_ratio_basis
    from pairs
),

fob_pairs as (
    select
        *,
        coalesce({{ settled('m_reported / cif_ratio') }}, m_reported) as m_figure,
        coalesce({{ settled('m_reported_low / cif_ratio') }}, m_reported_low) as m_low
    from rated_pairs
)

select
    *,
    case when x_figure > 0 and m_figure > 0 then {{ settled('ln(x_figure / m_figure)') }} end as log_gap
from fob_pairs
