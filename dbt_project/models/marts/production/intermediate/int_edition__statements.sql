-- Grain: one statement × one day on which its edition changed, while the edition stated it. A figure that a release of
-- an edition leaves as it was is no new statement, but belongs to what the edition says from that day on.
with statements as (
    select * from {{ ref('int_mineral_statistics__stated') }}
),

loads as (
    select * from {{ ref('stg_ledger__loads') }}
),

changes as (
    select
        source_code,
        edition,
        known_from as changed_on
    from statements
    union
    select
        source_code,
        edition,
        edition_known_to as changed_on
    from statements
    where edition_known_to is not null
),

states as (
    select
        changes.source_code,
        changes.edition,
        changes.changed_on,
        max_by(loads.release, loads.load_order) as release,
        changes.changed_on = max(changes.changed_on) over (partition by changes.source_code, changes.edition)
            as is_newest_of_edition
    from changes
    inner join loads
        on
            changes.source_code = loads.source_code
            and changes.edition is not distinct from loads.edition
            and changes.changed_on = loads.known_from
    group by changes.source_code, changes.edition, changes.changed_on
)

select
    statements.fact_id,
    states.release,
    states.changed_on as known_from,
    states.is_newest_of_edition
from statements
inner join states
    on
        statements.source_code = states.source_code
        and statements.edition is not distinct from states.edition
        and statements.known_from <= states.changed_on
        and coalesce(states.changed_on < statements.edition_known_to, true)
