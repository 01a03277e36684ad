-- Grain: one stage × Indian fiscal year of India's trade with the world. The columns to add up are filled where every
-- stage that has values (var bi_supply_stages) has one in the year; stage_… is true of the stage alone.
with balances as (
    select
        *,
        stage_code in ({{ quoted(var('bi_supply_stages')) }}) as is_part
    from {{ ref('mart_india_supply_balance') }}
    where period_type = 'fiscal_year'
),

years as (
    select
        period_start,
        count(imports_usd) filter (where is_part) = {{ var('bi_supply_stages') | length }} as has_imports,
        count(exports_usd) filter (where is_part) = {{ var('bi_supply_stages') | length }} as has_exports
    from balances
    group by period_start
)

select
    balances.period_start,
    balances.period_label,
    balances.stage_code,
    stages.stage_name,
    case when balances.is_part and years.has_imports then balances.imports_usd end as imports_usd,
    case when balances.is_part and years.has_exports then balances.exports_usd end as exports_usd,
    balances.imports_usd as stage_imports_usd,
    balances.exports_usd as stage_exports_usd,
    balances.imports_kg as stage_imports_kg,
    balances.exports_kg as stage_exports_kg,
    balances.net_position_by_value,
    case
        when balances.imports_usd is not null and balances.exports_usd is not null then 'complete'
        when balances.imports_usd is not null or balances.exports_usd is not null then 'partial'
        else 'no_value'
    end as certainty,
    balances.unknowns
from balances
inner join years on balances.period_start = years.period_start
inner join {{ ref('dim_stage') }} as stages on balances.stage_code = stages.stage_code
