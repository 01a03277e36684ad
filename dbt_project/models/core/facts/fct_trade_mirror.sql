-- Grain: one flow between two countries: exporter × importer × product × period, where at least one side reports.
{{ config(materialized='incremental', meta={'year_part': 'mirror'}) }}
with reports as (
    select * from {{ of_years(ref('int_mirror__reports'), part='mirror') }}
),

reconciled as (
    select * from {{ of_years(ref('int_mirror__reconciled'), part='mirror') }}
),

cif_rates as (
    select * from {{ ref('int_trade__cif_rates') }}
),

method as (
    select * from {{ ref('int_mirror__method') }}
),

hubs as (
    select area_code from {{ ref('seed_trade_hub') }}
),

value_figures as (
    select * from reconciled
    where figure_kind = 'value'
),

weight_figures as (
    select * from reconciled
    where figure_kind = 'weight'
),

failures as (
    {{ failed_rules_by_fact(of_years(ref('int_mirror__failed_rules'), part='mirror')) }}
),

flows as (
    select
        reports.fact_id,
        reports.exporter_code,
        reports.importer_code,
        reports.product_key,
        reports.hs_code,
        reports.period_type,
        reports.period_start,
        reports.period_end,
        reports.x_value_fact_id as exporter_fact_id,
        reports.m_value_fact_id as importer_fact_id,
        reports.x_value_source_code as exporter_source_code,
        reports.m_value_source_code as importer_source_code,
        reports.x_value_period_basis as exporter_period_basis,
        reports.m_value_period_basis as importer_period_basis,
        reports.x_weight_fact_id as exporter_weight_fact_id,
        reports.m_weight_fact_id as importer_weight_fact_id,
        reports.x_weight_source_code as exporter_weight_source_code,
        reports.m_weight_source_code as importer_weight_source_code,
        reports.x_weight_period_basis as exporter_weight_period_basis,
        reports.m_weight_period_basis as importer_weight_period_basis,
        reports.x_value_figure as x_fob_usd,
        reports.m_value_figure as m_cif_usd,
        value_figures.cif_ratio,
        value_figures.cif_ratio_high,
        value_figures.cif_ratio_basis,
        cif_rates.median_ratio as cif_ratio_observed,
        cast(coalesce(cif_rates.n_pairs, 0) as integer) as cif_ratio_pairs,
        value_figures.m_figure as m_fob_usd,
        value_figures.figure as value_usd,
        value_figures.figure_low as value_low_usd,
        value_figures.figure_high as value_high_usd,
        value_figures.interval_basis as value_interval_basis,
        value_figures.log_gap as value_log_gap,
        value_figures.reconciled_basis as value_basis,
        value_figures.w_exporter as w_exporter_value,
        reports.x_weight_figure as x_weight_kg,
        -- a side that reports a value and no weight has a weight that is not available
        coalesce(reports.x_weight_status, case when reports.x_value_status is not null then 'not_available' end)
            as x_weight_status,
        reports.m_weight_figure as m_weight_kg,
        coalesce(reports.m_weight_status, case when reports.m_value_status is not null then 'not_available' end)
            as m_weight_status,
        weight_figures.figure as weight_kg,
        weight_figures.figure_low as weight_low_kg,
        weight_figures.figure_high as weight_high_kg,
        weight_figures.interval_basis as weight_interval_basis,
        weight_figures.log_gap as weight_log_gap,
        weight_figures.reconciled_basis as weight_basis,
        weight_figures.w_exporter as w_exporter_weight,
        coalesce(value_figures.x_anomaly, value_figures.m_anomaly) is not null as is_value_anomaly,
        coalesce(weight_figures.x_anomaly, weight_figures.m_anomaly) is not null as is_weight_anomaly,
        failures.failed_rules,
        value_figures.scope_note,
        reports.exporter_code in (select hubs.area_code from hubs)
        or reports.importer_code in (select hubs.area_code from hubs) as is_hub_leg,
        reports.is_other_asia,
        coalesce(value_figures.record_basis, weight_figures.record_basis) as record_basis,
        method.method_version,
        reports.known_from
    from reports
    inner join value_figures on reports.fact_id = value_figures.fact_id
    inner join weight_figures on reports.fact_id = weight_figures.fact_id
    left join failures on reports.fact_id = failures.fact_id
    left join cif_rates on reports.product_key = cif_rates.product_key
    cross join method
),

published as (
    select
        * exclude (is_value_anomaly, is_weight_anomaly),
        case
            when value_log_gap is null then null
            when
                is_value_anomaly
                and {{ exceeds('abs(value_log_gap)', log_factor('usual_within_factor')) }}
                then 'unit_suspect'
            when
                is_weight_anomaly
                and not {{ exceeds(log_factor('weight_unit_beyond_factor'), 'abs(weight_log_gap)') }}
                then 'unit_suspect'
            when
                scope_note is not null
                and {{ exceeds(
                    'greatest(abs(value_log_gap), abs(weight_log_gap))', log_factor('usual_within_factor')
                ) }}
                then 'scope_differs'
            when
                not {{ exceeds('abs(value_log_gap)', log_factor('usual_within_factor')) }}
                and not {{ exceeds(log_factor('weight_unit_beyond_factor'), 'abs(weight_log_gap)') }}
                then 'unit_suspect'
            {{- distance_branches('value_log_gap') }}
            when not {{ exceeds('abs(abs(weight_log_gap) - ln(1000))', log_factor('usual_within_factor')) }}
                then 'unit_suspect'
            when is_hub_leg then 'hub_leg'
            when {{ exceeds('abs(value_log_gap)', log_factor('unexplained_beyond_factor')) }} then 'unexplained'
            when value_log_gap > 0 then 'exporter_high'
            else 'importer_high'
        end as conflict_class,
        case
            when weight_log_gap is null then null
            {{- distance_branches('weight_log_gap') }}
            when scope_note is not null then 'scope_differs'
            when weight_log_gap > 0 then 'exporter_high'
            else 'importer_high'
        end as weight_conflict_class
    from flows
)

{{ named('published', ['exporter_code', 'importer_code']) }}
