-- Grain: one flow between two countries (exporter × importer × product × period) and kind of figure, both kinds for
-- every flow: what each side reports, side by side. The importer's value is taken as FOB as it stands; how far freight
-- and insurance may put it above (cif_ratio_high) is part of the interval of a sole report.
{{ config(materialized='incremental') }}
with sides as (
    select * from {{ of_years(ref('int_mirror__sides')) }}
),

exporters as (
    select * from sides
    where flow = 'export'
),

importers as (
    select * from sides
    where flow = 'import'
),

figure_kinds as (
    select unnest({{ var('closed_lists')['figure_kind'] }}) as figure_kind
),

flows as (
    select
        mirror_fact_id as fact_id,
        exporter_code,
        importer_code,
        product_key,
        hs_code,
        period_type,
        period_start,
        period_end,
        bool_or(is_other_asia) as is_other_asia,
        max(known_from) as known_from
    from sides
    group by mirror_fact_id, exporter_code, importer_code, product_key, hs_code, period_type, period_start, period_end
),

pairs as (
    select
        flows.*,
        figure_kinds.figure_kind,
        exporters.fact_id as x_fact_id,
        importers.fact_id as m_fact_id,
        exporters.source_code as x_source_code,
        importers.source_code as m_source_code,
        exporters.period_basis as x_period_basis,
        importers.period_basis as m_period_basis,
        exporters.figure_status as x_status,
        importers.figure_status as m_status,
        exporters.figure as x_figure,
        exporters.figure_low as x_low,
        exporters.figure_high as x_high,
        importers.figure as m_reported,
        importers.figure_low as m_reported_low,
        importers.figure_high as m_high,
        importers.valuation = 'FOB' as is_m_fob
    from flows
    cross join figure_kinds
    left join exporters
        on
            flows.fact_id = exporters.mirror_fact_id
            and figure_kinds.figure_kind = exporters.figure_kind
    left join importers
        on
            flows.fact_id = importers.mirror_fact_id
            and figure_kinds.figure_kind = importers.figure_kind
),

-- of values only: a weight has no freight and insurance in it
rated_pairs as (
    select
        pairs.*,
        case when pairs.figure_kind = 'value' then cast({{ var('cif_ratio_applied') }} as double) end as cif_ratio,
        case
            when pairs.figure_kind = 'value' then cast(if(pairs.is_m_fob, 1.0, {{ var('cif_margin') }}) as double)
        end as cif_ratio_high,
        case
            when pairs.figure_kind = 'value' then if(pairs.is_m_fob, 'reported_fob', 'not_applied')
        end as cif_ratio_basis
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
