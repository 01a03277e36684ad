-- Grain: one current fact × one coarser layout in which its publisher states the flow too, by the newest statement in
-- that layout, with both figures. Any number of layouts and partitions may state one flow.
{{ config(materialized='incremental') }}
with in_two_layouts as (
    select flow_id
    from {{ of_years(ref('int_trade__stated')) }}
    where next_release_from is null
    group by flow_id
    having min(layout_rank) < max(layout_rank)
),

stated as (
    select * from {{ of_years(ref('int_trade__stated')) }}
    where
        next_release_from is null
        and flow_id in (select in_two_layouts.flow_id from in_two_layouts)
    qualify row_number() over (
        partition by flow_id, layout_rank
        order by known_from desc, load_order desc
    ) = 1
),

facts as (
    select * from {{ of_years(ref('int_trade__resolved')) }}
    where known_to is null
),

pairs as (
    select
        facts.fact_id,
        facts.source_code,
        facts.reporter_code,
        facts.partner_code,
        facts.flow,
        facts.product_key,
        facts.period_type,
        facts.period_start,
        facts.period_end,
        facts.layout_rank,
        facts.value_usd,
        facts.net_weight_kg,
        other.layout_rank as other_layout_rank,
        other.value_usd as other_value_usd,
        other.value_low_usd as other_value_low_usd,
        other.value_high_usd as other_value_high_usd,
        other.net_weight_kg as other_net_weight_kg,
        other.artifact_sha256 as other_artifact_sha256,
        other.artifact_row as other_artifact_row,
        facts.value_rounding_usd + other.value_rounding_usd + 1 as value_tolerance_usd,
        facts.weight_rounding_kg + other.weight_rounding_kg + 1 as weight_tolerance_kg
    from facts
    inner join stated as other
        on
            facts.flow_id = other.flow_id
            and facts.fact_id <> other.fact_id
            and facts.layout_rank < other.layout_rank
)

select
    *,
    coalesce(
        abs(value_usd - other_value_usd) <= value_tolerance_usd,
        value_usd between other_value_low_usd and other_value_high_usd,
        false
    ) as is_value_agreed,
    abs(net_weight_kg - other_net_weight_kg) <= weight_tolerance_kg as is_weight_agreed
from pairs
