-- Grain: one bilateral flow added up from national lines to HS6 or HS4, as one release of a source states the lines.
{{ config(materialized='incremental') }}
with rollups as (
    select * from {{ of_years(ref('int_trade__rolled_up')) }}
),

oxides as (
    select * from {{ of_years(ref('int_trade__reo')) }}
),

failures as (
    {{ failed_rules_by_fact(of_years(ref('int_trade__failed_rules'))) }}
),

converted as (
    select
        rollups.*,
        oxides.reo_tonnes_low,
        oxides.reo_tonnes_central,
        oxides.reo_tonnes_high,
        oxides.reo_factor_id,
        failures.failed_rules
    from rollups
    left join oxides on rollups.fact_id = oxides.fact_id
    left join failures on rollups.fact_id = failures.fact_id
),

published as (
    select
        {{ published_trade_columns() }},
        n_lines,
        completeness
    from converted
    where not is_partner_world
)

{{ named('published', ['reporter_code', 'partner_code']) }}
