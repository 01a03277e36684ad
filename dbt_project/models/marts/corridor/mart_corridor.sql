-- Grain: one India–China flow with both sides beside each other: exporter × importer × product × period. A flow of the
-- calendar's products (mart_coverage_calendar) that no side has a figure of has a row that says why; one that a whole
-- listing leaves out traded 0 (basis `not_listed`).
with holdings as (
    select * from {{ ref('int_corridor__holdings') }}
    where
        exporter_code in ('IND', 'CHN')
        and importer_code in ('IND', 'CHN')
),

mirror as (
    select * from {{ ref('fct_trade_mirror') }}
    where
        exporter_code in ('IND', 'CHN')
        and importer_code in ('IND', 'CHN')
),

unlisted as (
    select
        *,
        case when value_usd is not null then 'not_listed' end as value_basis,
        case when weight_kg is not null then 'not_listed' end as weight_basis
    from {{ ref('int_corridor__unlisted') }}
),

joined as (
    select
        mirror.* exclude (
            exporter_code, importer_code, product_key, period_type, period_start, period_end
        ),
        coalesce(mirror.exporter_code, holdings.exporter_code) as exporter_code,
        coalesce(mirror.importer_code, holdings.importer_code) as importer_code,
        coalesce(mirror.product_key, holdings.product_key) as product_key,
        coalesce(mirror.period_type, holdings.period_type) as period_type,
        coalesce(mirror.period_start, holdings.period_start) as period_start,
        coalesce(mirror.period_end, holdings.period_end) as period_end,
        case when mirror.fact_id is null then holdings.holding_status else 'held' end as holding_status,
        holdings.exporter_holding_status,
        holdings.importer_holding_status
    from mirror
    full outer join holdings
        on
            mirror.exporter_code = holdings.exporter_code
            and mirror.importer_code = holdings.importer_code
            and mirror.product_key = holdings.product_key
            and mirror.period_type = holdings.period_type
            and mirror.period_start = holdings.period_start
),

flows as (
    select
        joined.* replace (
            coalesce(joined.value_usd, unlisted.value_usd) as value_usd,
            coalesce(joined.value_low_usd, unlisted.value_usd) as value_low_usd,
            coalesce(joined.value_high_usd, unlisted.value_high_usd) as value_high_usd,
            coalesce(joined.value_basis, unlisted.value_basis, 'none') as value_basis,
            coalesce(joined.weight_basis, unlisted.weight_basis, 'none') as weight_basis,
            coalesce(joined.weight_kg, unlisted.weight_kg) as weight_kg
        )
    from joined
    left join unlisted
        on
            joined.fact_id is null
            and joined.exporter_code = unlisted.exporter_code
            and joined.importer_code = unlisted.importer_code
            and joined.product_key = unlisted.product_key
            and joined.period_type = unlisted.period_type
            and joined.period_start = unlisted.period_start
)

select
    flows.fact_id,
    exporters.area_name as exporter_name,
    importers.area_name as importer_name,
    flows.exporter_code,
    flows.importer_code,
    flows.product_key,
    products.description as product_description,
    products.stage_code,
    flows.period_type,
    flows.period_start,
    flows.period_end,
    periods.period_label,
    flows.x_fob_usd as exporter_fob_usd,
    flows.m_cif_usd as importer_cif_usd,
    flows.exporter_source_code,
    flows.importer_source_code,
    flows.exporter_period_basis,
    flows.importer_period_basis,
    flows.cif_ratio,
    flows.cif_ratio_basis,
    flows.value_usd,
    flows.value_low_usd,
    flows.value_high_usd,
    flows.value_interval_basis,
    flows.value_basis,
    flows.x_weight_kg as exporter_kg,
    flows.x_weight_status as exporter_weight_status,
    flows.m_weight_kg as importer_kg,
    flows.m_weight_status as importer_weight_status,
    flows.exporter_weight_source_code,
    flows.importer_weight_source_code,
    flows.exporter_weight_period_basis,
    flows.importer_weight_period_basis,
    flows.weight_kg,
    flows.weight_low_kg,
    flows.weight_high_kg,
    flows.weight_interval_basis,
    flows.weight_basis,
    flows.conflict_class,
    flows.weight_conflict_class,
    flows.failed_rules,
    flows.scope_note,
    flows.holding_status,
    flows.exporter_holding_status,
    flows.importer_holding_status
from flows
inner join {{ ref('dim_area') }} as exporters on flows.exporter_code = exporters.area_code
inner join {{ ref('dim_area') }} as importers on flows.importer_code = importers.area_code
inner join {{ ref('dim_product') }} as products on flows.product_key = products.product_key
inner join {{ ref('dim_period') }} as periods
    on
        flows.period_type = periods.period_type
        and flows.period_start = periods.period_start
        and flows.period_end = periods.period_end
