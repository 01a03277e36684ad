-- Grain: one artifact: what gate 1 found when the artifact was loaded.
select
    artifact_sha256,
    cast(max(n_checks_passed) as integer) as n_checks_passed,
    string_agg(distinct checks_warned, '; ' order by checks_warned) as checks_warned
from {{ ref('stg_ledger__judged_loads') }}
group by artifact_sha256
