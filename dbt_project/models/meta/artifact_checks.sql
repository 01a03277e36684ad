-- Grain: one artifact: which file it is, the corrections applied to it, and what gate 1 found when it was loaded.
with judged as (
    select
        artifact_sha256,
        cast(max(n_checks_passed) as integer) as n_checks_passed,
        string_agg(distinct checks_warned, '; ' order by checks_warned) as checks_warned,
        string_agg(distinct corrections, '; ' order by corrections) as corrections
    from {{ ref('stg_ledger__judged_loads') }}
    group by artifact_sha256
)

select
    judged.artifact_sha256,
    artifacts.file_name,
    artifacts.url,
    artifacts.transcription,
    judged.corrections,
    judged.n_checks_passed,
    judged.checks_warned
from judged
inner join {{ ref('stg_ledger__artifacts') }} as artifacts on judged.artifact_sha256 = artifacts.artifact_sha256
