-- Grain: one flow between two countries: exporter × importer × product × period, where at least one side reports.
with weighted as (
    select * from {{ ref('int_mirror__weighted') }}
),

scopes as (
    select
        reporter_code,
        product_key,
        note as scope_note
    from {{ ref('seed_scope_difference') }}
),

known as (
    select
        weighted.*,
        weighted.exporter_code in (select hubs.area_code from {{ ref('seed_trade_hub') }} as hubs)
        or weighted.importer_code in (select hubs.area_code from {{ ref('seed_trade_hub') }} as hubs) as is_hub_leg,
        scopes.scope_note,
        -- an estimated weight gives way to the other side's report
        case when x_weight_status = 'estimated' and m_weight_status = 'reported' then null else x_weight_kg end
            as x_used_kg,
        case when m_weight_status = 'estimated' and x_weight_status = 'reported' then null else m_weight_kg end
            as m_used_kg
    from weighted
    left join scopes
        on
            weighted.product_key = scopes.product_key
            and scopes.reporter_code in (weighted.exporter_code, weighted.importer_code)
),

gaps as (
    select
        *,
        case when x_fob_usd > 0 and m_fob_usd > 0 then {{ settled('ln(x_fob_usd / m_fob_usd)') }} end as value_log_gap,
        case when x_weight_kg > 0 and m_weight_kg > 0 then {{ settled('ln(x_weight_kg / m_weight_kg)') }} end
            as weight_log_gap
    from known
),

based as (
    select
        *,
        case
            when w_exporter_value is not null then 'both_weighted'
            when x_fob_usd is not null and m_fob_usd is not null then 'both_unweighted'
            when x_fob_usd is not null then 'exporter_only'
            when m_fob_usd is not null then 'importer_only'
            else 'none'
        end as value_basis,
        case
            when scope_note is not null and {{ exceeds('abs(weight_log_gap)', 'ln(2)') }} then 'scope_differs'
            when w_exporter_weight is not null then 'both_weighted'
            when x_used_kg is not null and m_used_kg is not null then 'both_unweighted'
            when x_used_kg is not null then 'exporter_only'
            when m_used_kg is not null then 'importer_only'
            else 'none'
        end as weight_basis
    from gaps
),

reconciled as (
    select
        {{ fact_id(["'mirror'", 'exporter_code', 'importer_code', 'product_key', 'period_type', period_key()]) }}
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
        cast(cif_ratio_low as double) as cif_ratio_low,
        cif_ratio_high,
        cif_ratio_basis,
        cast(cif_ratio_pairs as integer) as cif_ratio_pairs,
        m_fob_usd,
        case
            when value_basis = 'both_weighted' then w_exporter_value * x_fob_usd + (1 - w_exporter_value) * m_fob_usd
            when value_basis = 'both_unweighted' then sqrt(x_fob_usd * m_fob_usd)
            else coalesce(x_fob_usd, m_fob_usd)
        end as value_usd,
        case
            when value_basis = 'both_weighted'
                then {{ mixed('least', 'w_value_low', 'w_value_high', 'x_low_usd', 'm_fob_low_usd') }}
            else
                least(coalesce(x_low_usd, m_fob_low_usd), coalesce(m_fob_low_usd, x_low_usd))
                * exp(-1.2816 * coalesce(value_own_sd, 0))
        end as value_low_usd,
        case
            when value_basis = 'both_weighted'
                then {{ mixed('greatest', 'w_value_low', 'w_value_high', 'x_high_usd', 'm_fob_high_usd') }}
            else
                greatest(coalesce(x_high_usd, m_fob_high_usd), coalesce(m_fob_high_usd, x_high_usd))
                * exp(1.2816 * coalesce(value_own_sd, 0))
        end as value_high_usd,
        case
            when value_basis = 'both_weighted' then 'weight_of_reports'
            when value_basis = 'both_unweighted' then 'both_reports'
            when value_own_sd is not null then 'reporter_error'
            when value_basis <> 'none' then 'rounding'
        end as value_interval_basis,
        value_log_gap,
        value_basis,
        w_exporter_value,
        x_weight_kg,
        x_weight_status,
        m_weight_kg,
        m_weight_status,
        case
            when weight_basis = 'scope_differs' then null
            when weight_basis = 'both_weighted'
                then w_exporter_weight * x_weight_kg + (1 - w_exporter_weight) * m_weight_kg
            when weight_basis = 'both_unweighted' then sqrt(x_used_kg * m_used_kg)
            else coalesce(x_used_kg, m_used_kg)
        end as weight_kg,
        case
            when weight_basis = 'scope_differs' then null
            when weight_basis = 'both_weighted'
                then {{ mixed('least', 'w_weight_low', 'w_weight_high', 'x_weight_low_kg', 'm_weight_low_kg') }}
            when weight_basis = 'both_unweighted' then least(x_weight_low_kg, m_weight_low_kg)
            else
                case weight_basis when 'exporter_only' then x_weight_low_kg else m_weight_low_kg end
                * exp(-1.2816 * coalesce(weight_own_sd, 0))
        end as weight_low_kg,
        case
            when weight_basis = 'scope_differs' then null
            when weight_basis = 'both_weighted'
                then {{ mixed('greatest', 'w_weight_low', 'w_weight_high', 'x_weight_high_kg', 'm_weight_high_kg') }}
            when weight_basis = 'both_unweighted' then greatest(x_weight_high_kg, m_weight_high_kg)
            else
                case weight_basis when 'exporter_only' then x_weight_high_kg else m_weight_high_kg end
                * exp(1.2816 * coalesce(weight_own_sd, 0))
        end as weight_high_kg,
        case
            when weight_basis = 'scope_differs' then null
            when weight_basis = 'both_weighted' then 'weight_of_reports'
            when weight_basis = 'both_unweighted' then 'both_reports'
            when weight_own_sd is not null then 'reporter_error'
            when weight_basis <> 'none' then 'rounding'
        end as weight_interval_basis,
        weight_log_gap,
        weight_basis,
        case when weight_basis = 'both_weighted' then w_exporter_weight end as w_exporter_weight,
        case
            when value_log_gap is null then null
            when
                coalesce(exporter_value_anomaly, importer_value_anomaly) is not null
                and {{ exceeds('abs(value_log_gap)', 'ln(2)') }}
                then 'unit_suspect'
            when
                coalesce(exporter_weight_anomaly, importer_weight_anomaly) is not null
                and not {{ exceeds('ln(5)', 'abs(weight_log_gap)') }}
                then 'unit_suspect'
            when scope_note is not null and {{ exceeds('greatest(abs(value_log_gap), abs(weight_log_gap))', 'ln(2)') }}
                then 'scope_differs'
            when
                not {{ exceeds('abs(value_log_gap)', 'ln(2)') }}
                and not {{ exceeds('ln(5)', 'abs(weight_log_gap)') }}
                then 'unit_suspect'
            when not {{ exceeds('abs(value_log_gap)', 'ln(2)') }} then 'agree'
            when not {{ exceeds('abs(abs(weight_log_gap) - ln(1000))', 'ln(2)') }} then 'unit_suspect'
            when is_hub_leg then 'hub_leg'
            when {{ exceeds('abs(value_log_gap)', 'ln(20)') }} then 'unexplained'
            when value_log_gap > 0 then 'exporter_high'
            else 'importer_high'
        end as conflict_class,
        case
            when weight_log_gap is null then null
            when not {{ exceeds('abs(weight_log_gap)', 'ln(2)') }} then 'agree'
            when scope_note is not null then 'scope_differs'
            when weight_log_gap > 0 then 'exporter_high'
            else 'importer_high'
        end as weight_conflict_class,
        exporter_value_anomaly,
        importer_value_anomaly,
        exporter_weight_anomaly,
        importer_weight_anomaly,
        scope_note,
        is_hub_leg,
        is_other_asia,
        'weighted_2' as method_version,
        known_from
    from based
)

-- An interval holds its middle by construction: the bounds reach at least to it, and rounding keeps the order.
select
    * replace (
        {{ settled('value_usd') }} as value_usd,
        {{ settled('least(value_low_usd, value_usd)') }} as value_low_usd,
        {{ settled('greatest(value_high_usd, value_usd)') }} as value_high_usd,
        {{ settled('weight_kg') }} as weight_kg,
        {{ settled('least(weight_low_kg, weight_kg)') }} as weight_low_kg,
        {{ settled('greatest(weight_high_kg, weight_kg)') }} as weight_high_kg
    )
from reconciled
