-- Grain: what one release of one source prints as the total over all partners: reporter × flow × product × period.
{{ config(materialized='incremental') }}
with totals as (
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
        totals.*,
        oxides.reo_tonnes_low,
        oxides.reo_tonnes_central,
        oxides.reo_tonnes_high,
        oxides.reo_factor_id,
        failures.failed_rules
    from totals
    left join oxides on totals.fact_id = oxides.fact_id
    left join failures on totals.fact_id = failures.fact_id
),

published as (
    select
        {{ published_trade_columns() }}
    from converted
    where is_partner_world
)

{{ named('published', ['reporter_code', 'partner_code']) }}
