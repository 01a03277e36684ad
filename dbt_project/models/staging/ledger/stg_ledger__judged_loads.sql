-- Grain: one load of an artifact into a raw table, with the corrections applied and what gate 1 found of it. Gate 1
-- judges the loads of a table together, or one alone by its partition.
with loads as (
    select * from {{ source('ledger', 'loads') }}
    where status = 'loaded'
),

results as (
    select * from {{ source('ledger', 'validation_results') }}
    where gate = 1
),

judged as (
    select
        loads.load_id,
        loads.artifact_sha256,
        nullif(array_to_string(loads.corrections, '; '), '') as corrections,
        count(distinct results.rule) filter (where results.success) as n_checks_passed,
        string_agg(distinct results.rule, '; ' order by results.rule) filter (where not results.success)
            as checks_warned
    from loads
    left join results
        on
            loads.build_id = results.build_id
            and loads.table_name = results.table_name
            and coalesce(results.partition, loads.partition) = loads.partition
    group by loads.load_id, loads.artifact_sha256, loads.corrections
)

select * from judged
