-- Grain: one dated step of policy.
select
    events.event_date as period_start,
    cast(year(events.event_date) as integer) as year,
    events.event_id,
    events.title,
    events.event_type,
    events.direction,
    events.actor,
    events.target,
    events.subject,
    events.policy_status,
    events.effective_from,
    events.ended_on,
    events.source_url,
    sources.title as source_name,
    events.known_from
from {{ ref('dim_policy_event') }} as events
inner join {{ ref('dim_source') }} as sources on events.source_code = sources.source_code
