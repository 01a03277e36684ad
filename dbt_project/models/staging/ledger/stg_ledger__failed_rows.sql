-- Grain: one record of an artifact that fails a rule of gate 1 that only warns, as judged when it was loaded.
with loads as (
    select * from {{ source('ledger', 'loads') }}
    where status = 'loaded'
),

failed as (
    select * from {{ source('ledger', 'failed_rows') }}
)

select distinct
    failed.artifact_sha256,
    failed.artifact_row,
    failed.rule
from failed
inner join loads
    on
        failed.build_id = loads.build_id
        and failed.table_name = loads.table_name
        and failed.artifact_sha256 = loads.artifact_sha256
