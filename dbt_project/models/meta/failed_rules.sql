-- Grain: one rule that one published figure fails, with the other figure where the rule compares two, in words.
{{ config(materialized='incremental', meta={'year_column': 'trade_year', 'year_part': 'mirror'}) }}
with trade as (
    select * from {{ of_years(ref('int_trade__failed_rules'), part='mirror') }}
    union all
    select * from {{ of_years(ref('int_mirror__failed_rules'), part='mirror') }}
),

-- rules on records of other feeds, judged before loading
other_feeds as (
    select distinct
        lineage.fact_id,
        failed_rows.rule,
        'implausible' as failure_kind,
        cast(null as varchar) as other_fact_id,
        cast(null as double) as times,
        'judged before it was loaded (meta.validation_results)' as words,
        cast(null as integer) as trade_year
    from {{ ref('stg_ledger__failed_rows') }} as failed_rows
    inner join {{ ref('lineage') }} as lineage
        on
            failed_rows.artifact_sha256 = lineage.artifact_sha256
            and failed_rows.artifact_row = lineage.artifact_row
    left join {{ ref('int_trade__rows') }} as trade_rows
        on
            failed_rows.artifact_sha256 = trade_rows.artifact_sha256
            and failed_rows.artifact_row = trade_rows.artifact_row
    where
        trade_rows.fact_id is null
        and lineage.role = 'reported'
)

select
    fact_id,
    rule,
    failure_kind,
    other_fact_id,
    times,
    words,
    cast(year(period_start) as integer) as trade_year
from trade
union all
select * from other_feeds
