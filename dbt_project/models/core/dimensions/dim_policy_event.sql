-- Grain: one dated policy step. `study_date` is the day that studies of trade use: the day of effect, unless
-- the step was suspended before it; otherwise the day of the step, where at least its month is known. `suspended_until`
-- is the last day of the suspension by the same actor that began on `suspended_on`. `policy_status` is what the days
-- say on the last day of the release, of steps on a flow of trade.
with steps as (
    select * from {{ ref('int_policy_events__stated') }}
    where known_to is null
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

suspensions as (
    select
        actor,
        effective_from as suspended_on,
        max(ended_on) as suspended_until
    from steps
    where event_type = 'suspension'
    group by actor, effective_from
)

select
    steps.event_id,
    steps.event_date,
    steps.event_date_last,
    steps.date_precision,
    steps.date_basis,
    steps.date_raw,
    steps.announced_on,
    steps.effective_from,
    steps.suspended_on,
    suspensions.suspended_until,
    steps.ended_on,
    steps.ended_on_precision,
    case
        when steps.effective_from < coalesce(steps.suspended_on, date '9999-12-31') then steps.effective_from
        when steps.date_precision in ('day', 'month') then steps.event_date
    end as study_date,
    case
        when steps.affected_flow is null then null
        when steps.ended_on < as_of.as_of_day then 'ended'
        when suspensions.suspended_until < as_of.as_of_day then 'suspension_ended_unknown'
        when steps.suspended_on <= as_of.as_of_day then 'suspended'
        when steps.effective_from > as_of.as_of_day then 'not_yet_in_force'
        else 'no_end_known'
    end as policy_status,
    coalesce(steps.effective_from, steps.event_date_last) > steps.known_from as is_forward,
    steps.actor,
    steps.target,
    steps.affected_flow,
    steps.subject,
    steps.event_type,
    steps.instrument,
    steps.title,
    steps.elements,
    steps.hs_codes,
    steps.direction,
    steps.same_step_as,
    steps.source_url,
    steps.source_code,
    steps.known_from,
    steps.known_basis
from steps
cross join as_of
left join suspensions
    on
        steps.actor = suspensions.actor
        and steps.suspended_on = suspensions.suspended_on
