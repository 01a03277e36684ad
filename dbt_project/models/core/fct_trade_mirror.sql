-- Grain: one India–China flow: exporter × importer × product × period, where at least one side reports.
with paired as (
    select * from {{ ref('int_corridor__paired') }}
),

based as (
    select
        *,
        case
            when x_fob_usd is not null and m_fob_usd is not null then 'both_unweighted'
            when x_fob_usd is not null then 'exporter_only'
            when m_fob_usd is not null then 'importer_only'
            else 'none'
        end as value_basis,
        case
            when x_weight_kg is not null and m_weight_kg is not null then 'both_unweighted'
            when x_weight_kg is not null then 'exporter_only'
            when m_weight_kg is not null then 'importer_only'
            else 'none'
        end as weight_basis,
        case when x_fob_usd > 0 and m_fob_usd > 0 then ln(x_fob_usd / m_fob_usd) end as value_log_gap,
        case when x_weight_kg > 0 and m_weight_kg > 0 then ln(x_weight_kg / m_weight_kg) end as weight_log_gap
    from paired
),

reconciled as (
    select
        {{ fact_id(["'mirror'", 'exporter_code', 'importer_code', 'product_key', 'period_type', 'period_start']) }}
            as fact_id,
        exporter_code,
        importer_code,
        product_key,
        hs_code,
        period_type,
        period_start,
        period_end,
        exporter_fact_id,
        importer_fact_id,
        exporter_source_code,
        importer_source_code,
        exporter_period_basis,
        importer_period_basis,
        exporter_weight_fact_id,
        importer_weight_fact_id,
        exporter_weight_source_code,
        importer_weight_source_code,
        exporter_weight_period_basis,
        importer_weight_period_basis,
        x_fob_usd,
        m_cif_usd,
        cif_ratio,
        cif_ratio_basis,
        cast(cif_ratio_pairs as integer) as cif_ratio_pairs,
        m_fob_usd,
        case
            when value_basis = 'both_unweighted' then sqrt(x_fob_usd * m_fob_usd)
            else coalesce(x_fob_usd, m_fob_usd)
        end as value_usd,
        least(coalesce(x_low_usd, m_fob_low_usd), coalesce(m_fob_low_usd, x_low_usd)) as value_low_usd,
        greatest(coalesce(x_high_usd, m_fob_high_usd), coalesce(m_fob_high_usd, x_high_usd)) as value_high_usd,
        value_log_gap,
        value_basis,
        cast(null as double) as w_exporter_value,
        x_weight_kg,
        x_weight_status,
        m_weight_kg,
        m_weight_status,
        case
            when weight_basis = 'both_unweighted' then sqrt(x_weight_kg * m_weight_kg)
            else coalesce(x_weight_kg, m_weight_kg)
        end as weight_kg,
        least(coalesce(x_weight_low_kg, m_weight_low_kg), coalesce(m_weight_low_kg, x_weight_low_kg)) as weight_low_kg,
        greatest(
            coalesce(x_weight_high_kg, m_weight_high_kg), coalesce(m_weight_high_kg, x_weight_high_kg)
        ) as weight_high_kg,
        weight_log_gap,
        weight_basis,
        cast(null as double) as w_exporter_weight,
        case
            when value_log_gap is null then null
            when abs(value_log_gap) <= ln(2) and abs(weight_log_gap) >= ln(5) then 'unit_suspect'
            when abs(value_log_gap) <= ln(2) then 'agree'
            when value_log_gap > 0 then 'exporter_high'
            else 'importer_high'
        end as conflict_class,
        case
            when weight_log_gap is null then null
            when abs(weight_log_gap) <= ln(2) then 'agree'
            when weight_log_gap > 0 then 'exporter_high'
            else 'importer_high'
        end as weight_conflict_class,
        'unweighted_1' as method_version,
        known_from
    from based
)

select * from reconciled
