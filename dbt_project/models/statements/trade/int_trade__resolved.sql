-- Grain: one statement that is a fact. The same flow in two layouts of one publisher is one flow: a statement in a
-- layout no better than one already known only corroborates it and is no fact of its own; a later statement in the same
-- or a better layout ends the earlier one, unless it says the same: an unchanged figure is no new statement, the same
-- figure with more digits is one. Partners that add up to their printed total are a whole listing: it also
-- covers partners that it does not list, so that a coarser layout adds none to them. Most flows are stated once and
-- their listing came in one file: only the others are compared.
{{ config(materialized='incremental') }}
with came_again as (
    select listing_id
    from {{ of_years(ref('int_trade__stated')) }}
    group by listing_id
    having min(artifact_sha256) <> max(artifact_sha256)
),

stated_again as (
    select flow_across_sources_id
    from {{ of_years(ref('int_trade__stated')) }}
    group by flow_across_sources_id
    having count(*) > 1
),

stated as (
    select * from {{ of_years(ref('int_trade__stated')) }}
    where
        listing_id in (select came_again.listing_id from came_again)
        or flow_across_sources_id in (select stated_again.flow_across_sources_id from stated_again)
),

listings as (
    select
        listing_id,
        artifact_sha256,
        layout_rank,
        known_from,
        next_release_from,
        load_order
    from stated
    group by all
    having
        count(*) filter (where is_partner_world) = 1
        and count(value_usd) = count(*)
        and abs({{ exact_sum('case when is_partner_world then -value_usd else value_usd end') }})
        <= {{ exact_sum('value_rounding_usd') }}
        + {{ var('whole_listing_within') }} * {{ exact_sum('value_usd', where='is_partner_world') }}
),

-- what else the publisher states of the same flow: another statement of it, or a whole listing in a better layout
others as (
    select
        statement.fact_id,
        statement.layout_rank,
        statement.known_from,
        statement.load_order,
        other.layout_rank as other_layout_rank,
        other.known_from as other_known_from,
        other.next_release_from as other_next_release_from,
        other.load_order as other_load_order
    from stated as statement
    inner join stated as other on statement.flow_id = other.flow_id
    union all
    select
        statement.fact_id,
        statement.layout_rank,
        statement.known_from,
        statement.load_order,
        listing.layout_rank as other_layout_rank,
        listing.known_from as other_known_from,
        listing.next_release_from as other_next_release_from,
        listing.load_order as other_load_order
    from stated as statement
    inner join listings as listing
        on
            statement.listing_id = listing.listing_id
            and statement.layout_rank > listing.layout_rank
),

corroborating as (
    select distinct fact_id
    from others
    where
        other_layout_rank < layout_rank
        and other_known_from <= known_from
        and coalesce(other_next_release_from > known_from, true)
),

followed as (
    select
        fact_id,
        min(other_known_from) as next_statement_from
    from others
    where
        other_layout_rank <= layout_rank
        and (other_known_from > known_from or (other_known_from = known_from and other_load_order > load_order))
    group by fact_id
),

dated as (
    select
        stated.*,
        least(followed.next_statement_from, stated.next_release_from) as known_to
    from stated
    left join followed on stated.fact_id = followed.fact_id
    where stated.fact_id not in (select corroborating.fact_id from corroborating)
),

changed as (
    {{ unchanged_as_one('dated', 'trade', ['flow_id'], least_of=['layout_rank']) | indent(4) }}
),

facts as (
    select * from changed
    {{ drop_superseded_within_day(['flow_id']) | indent(4) }}
),

ranked as (
    select
        *,
        {{ mark('fct_trade_flow', 'is_preferred') | indent(4) }} as is_preferred
    from facts
),

-- of what stands alone nothing is compared: it ends with its release, and is the report of its flow
alone as (
    select
        *,
        next_release_from as known_to
    from {{ of_years(ref('int_trade__stated')) }}
    where
        listing_id not in (select came_again.listing_id from came_again)
        and flow_across_sources_id not in (select stated_again.flow_across_sources_id from stated_again)
),

resolved as (
    select * from ranked
    union all by name
    select
        *,
        known_to is null as is_preferred
    from alone
    where {{ is_valid_some_day() }}
)

select
    * exclude (partition_name, code_country, scope_code, flow_across_sources_id),
    {{ ids_across_measures() | indent(4) }}
from resolved
