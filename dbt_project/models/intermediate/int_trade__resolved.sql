-- Grain: one statement that stands as a fact. The same flow in two layouts of one publisher is one flow: a
-- statement in a layout no better than one already known only corroborates it and is not a fact of its own; a
-- later statement in the same or a better layout ends the earlier one.
with stated as (
    select * from {{ ref('int_trade__stated') }}
),

corroborating as (
    select distinct worse.fact_id
    from stated as worse
    inner join stated as better
        on
            worse.flow_id = better.flow_id
            and better.layout_rank < worse.layout_rank
            and better.known_from <= worse.known_from
            and coalesce(better.next_release_from > worse.known_from, true)
),

followed as (
    select
        earlier.fact_id,
        min(later.known_from) as next_statement_from
    from stated as earlier
    inner join stated as later
        on
            earlier.flow_id = later.flow_id
            and later.layout_rank <= earlier.layout_rank
            and (
                later.known_from > earlier.known_from
                or (later.known_from = earlier.known_from and later.load_order > earlier.load_order)
            )
    group by earlier.fact_id
),

standing as (
    select
        stated.*,
        least(followed.next_statement_from, stated.next_release_from) as known_to
    from stated
    left join followed on stated.fact_id = followed.fact_id
    where
        stated.fact_id not in (select corroborating.fact_id from corroborating)
        -- a statement replaced on the very day it became known was never known on any day
        and coalesce(least(followed.next_statement_from, stated.next_release_from) > stated.known_from, true)
),

ranked as (
    select
        *,
        known_to is null and row_number() over (
            partition by
                reporter_code, partner_code, flow, product_key, period_type, period_start, period_end, known_to is null
            order by value_usd is null, value_rounding_usd, net_weight_kg is null, source_code, fact_id
        ) = 1 as is_preferred
    from standing
)

select * from ranked
