-- Grain: what one release of one source says of one bilateral flow: reporter × partner × flow × product × period.
{{ config(materialized='incremental') }}
with flows as (
    select * from {{ of_years(ref('int_trade__resolved')) }}
),

oxides as (
    select * from {{ of_years(ref('int_trade__reo')) }}
),

failures as (
    {{ failed_rules_by_fact(of_years(ref('int_trade__failed_rules'))) }}
),

converted as (
    select
        flows.*,
        oxides.reo_tonnes_low,
        oxides.reo_tonnes_central,
        oxides.reo_tonnes_high,
        oxides.reo_factor_id,
        failures.failed_rules
    from flows
    left join oxides on flows.fact_id = oxides.fact_id
    left join failures on flows.fact_id = failures.fact_id
),

published as (
    select
        {{ published_trade_columns() }}
    from converted
    where not is_partner_world
)

{{ named('published', ['reporter_code', 'partner_code']) }}
