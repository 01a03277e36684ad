-- Grain: one flow between two countries, exporter × importer × product × period, with what each side says and the
-- importer's value brought to FOB by the product's CIF rate (1.08 assumed where the panel holds no pair). The rate is
-- as uncertain as it is large: from none at all to its square.
with sides as (
    select * from {{ ref('int_mirror__sides') }}
),

exporters as (
    select * from sides
    where flow = 'export'
),

importers as (
    select * from sides
    where flow = 'import'
),

paired as (
    select
        coalesce(exporters.exporter_code, importers.exporter_code) as exporter_code,
        coalesce(exporters.importer_code, importers.importer_code) as importer_code,
        coalesce(exporters.product_key, importers.product_key) as product_key,
        coalesce(exporters.hs_code, importers.hs_code) as hs_code,
        coalesce(exporters.period_type, importers.period_type) as period_type,
        coalesce(exporters.period_start, importers.period_start) as period_start,
        coalesce(exporters.period_end, importers.period_end) as period_end,
        exporters.fact_id as exporter_fact_id,
        importers.fact_id as importer_fact_id,
        exporters.source_code as exporter_source_code,
        importers.source_code as importer_source_code,
        exporters.period_basis as exporter_period_basis,
        importers.period_basis as importer_period_basis,
        exporters.weight_fact_id as exporter_weight_fact_id,
        importers.weight_fact_id as importer_weight_fact_id,
        exporters.weight_source_code as exporter_weight_source_code,
        importers.weight_source_code as importer_weight_source_code,
        exporters.weight_period_basis as exporter_weight_period_basis,
        importers.weight_period_basis as importer_weight_period_basis,
        exporters.value_usd as x_fob_usd,
        exporters.value_low_usd as x_low_usd,
        exporters.value_high_usd as x_high_usd,
        importers.value_usd as m_cif_usd,
        importers.value_low_usd as m_low_usd,
        importers.value_high_usd as m_high_usd,
        importers.valuation as m_valuation,
        exporters.net_weight_kg as x_weight_kg,
        exporters.weight_low_kg as x_weight_low_kg,
        exporters.weight_high_kg as x_weight_high_kg,
        exporters.weight_status as x_weight_status,
        importers.net_weight_kg as m_weight_kg,
        importers.weight_low_kg as m_weight_low_kg,
        importers.weight_high_kg as m_weight_high_kg,
        importers.weight_status as m_weight_status,
        coalesce(exporters.is_other_asia, false) or coalesce(importers.is_other_asia, false) as is_other_asia,
        greatest(
            coalesce(exporters.known_from, importers.known_from), coalesce(importers.known_from, exporters.known_from)
        ) as known_from
    from exporters
    full outer join importers
        on
            exporters.exporter_code = importers.exporter_code
            and exporters.importer_code = importers.importer_code
            and exporters.product_key = importers.product_key
            and exporters.period_type = importers.period_type
            and exporters.period_start = importers.period_start
            and exporters.period_end = importers.period_end
),

rated as (
    select
        paired.*,
        case
            when paired.m_valuation = 'FOB' then 1.0
            else coalesce(rates.cif_ratio, 1.08)
        end as cif_ratio,
        case
            when paired.m_valuation = 'FOB' then 'reported_fob'
            when rates.cif_ratio is null then 'assumed'
            when {{ differs('rates.median_ratio', 'rates.cif_ratio') }} then 'clipped_panel_median'
            else 'panel_median'
        end as cif_ratio_basis,
        coalesce(rates.n_pairs, 0) as cif_ratio_pairs
    from paired
    left join {{ ref('int_trade__cif_rates') }} as rates on paired.product_key = rates.product_key
)

select
    *,
    1.0 as cif_ratio_low,
    {{ settled('cif_ratio * cif_ratio') }} as cif_ratio_high,
    {{ settled('m_cif_usd / cif_ratio') }} as m_fob_usd,
    {{ settled('m_low_usd / (cif_ratio * cif_ratio)') }} as m_fob_low_usd,
    m_high_usd as m_fob_high_usd
from rated
