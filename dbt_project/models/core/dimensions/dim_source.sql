-- Grain: one publisher's data set.
select
    source_code,
    publisher,
    title,
    licence,
    redistribution,
    citation,
    url,
    cadence,
    measures
from {{ ref('stg_ledger__sources') }}
