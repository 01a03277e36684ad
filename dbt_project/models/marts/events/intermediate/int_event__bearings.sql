-- Grain: one step with a date × one series: monthly, or China's annual exports to a partner. `does_bear` is true where
-- the step is a measure on goods that was applied, and the series is the flow that it restricts or frees: the actor's
-- flow with a target, in a code that the step names (or a heading above it, or a subheading of it), as the actor or the
-- target reports it. Else `not_bearing_reason` says why.
with events as (
    select
        *,
        split_part(actor, '-', 1) as actor_code,
        suspended_on <= effective_from as is_never_applied
    from {{ ref('dim_policy_event') }}
    where study_date is not null
),

goods as (
    select * from {{ ref('seed_event_goods') }}
),

areas as (
    select * from {{ ref('dim_area') }}
),

flows as (
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key
    from {{ ref('int_trade__series_months') }}
    union
    select
        source_code,
        'CHN' as reporter_code,
        partner_code,
        'export' as flow,
        product_key
    from {{ ref('int_event__annual_figures') }}
),

series as (
    select
        flows.*,
        split_part(flows.product_key, ':', 2) as hs_code,
        reporters.iso2_code as reporter_iso2,
        partners.iso2_code as partner_iso2
    from flows
    inner join areas as reporters on flows.reporter_code = reporters.area_code
    inner join areas as partners on flows.partner_code = partners.area_code
),

cited as (
    select
        event_id,
        list(hs_code) as cited_codes
    from goods
    group by event_id
),

named_codes as (
    select
        events.event_id,
        string_split(replace(coalesce(events.hs_codes, ''), ' ', ''), ';') as printed_codes,
        cited.cited_codes
    from events
    left join cited on events.event_id = cited.event_id
),

judged as (
    select
        events.study_date as event_date,
        events.event_id,
        series.source_code,
        series.reporter_code,
        series.partner_code,
        series.flow,
        series.product_key,
        -- a country's own step that is aimed at every partner leaves none of its reports to compare with
        events.actor_code = series.reporter_iso2 and events.target = 'ALL' as is_on_every_partner,
        concat_ws(
            '; ',
            case
                when events.subject = 'technology' or events.event_type like 'technology%'
                    then 'the step is on technology, not on goods'
            end,
            case
                when events.direction = 'information' or events.event_type = 'statement'
                    then 'the step is information, not a measure'
                when coalesce(events.subject, '') = '' then 'the step restricts and frees no flow of goods'
            end,
            case
                when events.is_never_applied
                    then 'the step was suspended on ' || events.suspended_on || ', before it applied'
            end,
            case
                when coalesce(events.hs_codes, '') = '' and named_codes.cited_codes is null
                    then 'the step names no code of goods'
                when
                    len(list_filter(
                        list_concat(named_codes.printed_codes, coalesce(named_codes.cited_codes, [])),
                        lambda code: code <> '' and (starts_with(code, hs_code) or starts_with(hs_code, code))
                    )) = 0
                    then 'does not bear on this product: names ' || replace(events.hs_codes, ';', ', ')
            end,
            case
                when
                    coalesce(events.affected_flow, '') <> ''
                    and not coalesce(
                        events.actor_code = series.reporter_iso2
                        and events.affected_flow = series.flow
                        and (
                            events.target = 'ALL'
                            or list_contains(string_split(events.target, ';'), series.partner_iso2)
                        ),
                        false
                    )
                    and not coalesce(
                        events.actor_code = series.partner_iso2
                        and events.affected_flow <> series.flow
                        and (
                            events.target = 'ALL'
                            or list_contains(string_split(events.target, ';'), series.reporter_iso2)
                        ),
                        false
                    )
                    then
                        'does not bear on this flow: it is about ' || events.actor || '''s ' || events.affected_flow
                        || 's, target ' || coalesce(events.target, 'none')
            end
        ) as not_bearing_reason
    from events
    inner join named_codes on events.event_id = named_codes.event_id
    cross join series
)

select
    * replace (nullif(not_bearing_reason, '') as not_bearing_reason),
    not_bearing_reason = '' as does_bear
from judged
