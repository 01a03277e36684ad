-- Grain: one India–China flow with both sides beside each other: exporter × importer × product × period.
select
    mirror.fact_id,
    exporters.area_name as exporter_name,
    importers.area_name as importer_name,
    mirror.exporter_code,
    mirror.importer_code,
    mirror.product_key,
    products.description as product_description,
    products.stage_code,
    mirror.period_type,
    mirror.period_start,
    mirror.period_end,
    periods.period_label,
    mirror.x_fob_usd as exporter_fob_usd,
    mirror.m_cif_usd as importer_cif_usd,
    mirror.exporter_source_code,
    mirror.importer_source_code,
    mirror.exporter_period_basis,
    mirror.importer_period_basis,
    mirror.cif_ratio,
    mirror.cif_ratio_basis,
    mirror.value_usd,
    mirror.value_low_usd,
    mirror.value_high_usd,
    mirror.value_interval_basis,
    mirror.value_basis,
    mirror.x_weight_kg as exporter_kg,
    mirror.x_weight_status as exporter_weight_status,
    mirror.m_weight_kg as importer_kg,
    mirror.m_weight_status as importer_weight_status,
    mirror.exporter_weight_source_code,
    mirror.importer_weight_source_code,
    mirror.exporter_weight_period_basis,
    mirror.importer_weight_period_basis,
    mirror.weight_kg,
    mirror.weight_low_kg,
    mirror.weight_high_kg,
    mirror.weight_interval_basis,
    mirror.weight_basis,
    mirror.conflict_class,
    mirror.weight_conflict_class,
    mirror.scope_note
from {{ ref('fct_trade_mirror') }} as mirror
inner join {{ ref('dim_area') }} as exporters on mirror.exporter_code = exporters.area_code
inner join {{ ref('dim_area') }} as importers on mirror.importer_code = importers.area_code
inner join {{ ref('dim_product') }} as products on mirror.product_key = products.product_key
inner join {{ ref('dim_period') }} as periods
    on
        mirror.period_type = periods.period_type
        and mirror.period_start = periods.period_start
        and mirror.period_end = periods.period_end
where
    mirror.exporter_code in ('IND', 'CHN')
    and mirror.importer_code in ('IND', 'CHN')
