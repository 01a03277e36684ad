-- Grain: one dated policy step.
select
    event_id,
    event_date,
    event_date_last,
    date_precision,
    date_basis,
    date_raw,
    actor,
    event_type,
    instrument,
    title,
    elements,
    hs_codes,
    direction,
    source_url,
    source_code,
    known_from
from {{ ref('int_policy_events__stated') }}
where known_to is null
