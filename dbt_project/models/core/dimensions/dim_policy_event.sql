-- Grain: one dated policy step. `study_date` is the day that studies of trade use: the day of effect, unless
-- the step was suspended before it; otherwise the day of the step, where at least its month is known.
select
    event_id,
    event_date,
    event_date_last,
    date_precision,
    date_basis,
    date_raw,
    announced_on,
    effective_from,
    suspended_on,
    ended_on,
    case
        when effective_from < coalesce(suspended_on, date '9999-12-31') then effective_from
        when date_precision in ('day', 'month') then event_date
    end as study_date,
    coalesce(effective_from, event_date_last) > known_from as is_forward,
    actor,
    target,
    affected_flow,
    subject,
    event_type,
    instrument,
    title,
    elements,
    hs_codes,
    direction,
    same_step_as,
    source_url,
    source_code,
    known_from,
    known_basis
from {{ ref('int_policy_events__stated') }}
where known_to is null
