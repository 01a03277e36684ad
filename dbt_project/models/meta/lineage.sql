-- Grain: one row of one landed artifact behind one published fact, and in what role.
{{ config(materialized='incremental', meta={'year_column': 'trade_year'}) }}
-- noqa: disable=LT02
with stated as (
    {%- for feed in feeds_of_statements() %}
    select
        fact_id,
        artifact_sha256,
        artifact_row,
        'reported' as role,
        cast(null as integer) as trade_year
    from {{ ref('int_' ~ feed ~ '__stated') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

trade as (
    select
        trade_rows.fact_id,
        trade_rows.artifact_sha256,
        trade_rows.artifact_row,
        case when trade_rows.part_label is null then 'reported' else 'added_up' end as role,
        cast(year(trade_rows.period_start) as integer) as trade_year
    from {{ of_years(ref('int_trade__rows'), and_next=true) }} as trade_rows
    where
        trade_rows.fact_id in (
            select resolved.fact_id from {{ of_years(ref('int_trade__resolved'), and_next=true) }} as resolved
        )
),

other_layouts as (
    select
        fact_id,
        other_artifact_sha256 as artifact_sha256,
        other_artifact_row as artifact_row,
        case when is_value_agreed then 'corroborates' else 'contradicts' end as role,
        cast(year(period_start) as integer) as trade_year
    from {{ of_years(ref('int_trade__layout_pairs')) }}
),

active as (
    select flow_id from {{ of_years(ref('int_trade__resolved')) }}
    where known_to is null
),

-- a coarser layout's partner that a whole listing in a finer one does not have, and so speaks against its total
not_listed as (
    select
        totals.fact_id,
        trade_rows.artifact_sha256,
        trade_rows.artifact_row,
        'contradicts' as role,
        cast(year(trade_rows.period_start) as integer) as trade_year
    from {{ of_years(ref('int_trade__rows')) }} as trade_rows
    inner join {{ of_years(ref('int_trade__resolved')) }} as totals
        on
            trade_rows.listing_id = totals.listing_id
            and totals.is_partner_world
            and totals.known_to is null
    where
        trade_rows.next_release_from is null
        and trade_rows.layout_rank > totals.layout_rank
        and trade_rows.flow_id not in (select active.flow_id from active)
),

-- one record may state several flows (China and the world, say), and so speak against a total in both ways
other_statements as (
    select * from other_layouts
    union
    select * from not_listed
),

rollups as (
    select
        members.rollup_fact_id as fact_id,
        trade_rows.artifact_sha256,
        trade_rows.artifact_row,
        'added_up' as role,
        cast(year(trade_rows.period_start) as integer) as trade_year
    from {{ of_years(ref('int_trade__rollup_members'), and_next=true) }} as members
    inner join {{ of_years(ref('int_trade__rows'), and_next=true) }} as trade_rows
        on members.fact_id = trade_rows.fact_id
    where
        not members.is_partner_world
        and members.rollup_fact_id in (
            select rolled_up.fact_id from {{ of_years(ref('int_trade__rolled_up'), and_next=true) }} as rolled_up
        )
),

flows as (
    select * from trade
    union all
    select * from rollups
),

mirror as (
    select
        sides.fact_id,
        flows.artifact_sha256,
        flows.artifact_row,
        sides.role,
        cast(year(sides.period_start) as integer) as trade_year,
        sides.is_alone
    from {{ of_years(ref('int_mirror__lineage')) }} as sides
    inner join flows on sides.side_fact_id = flows.fact_id
)

select * from stated
union all
select * from {{ of_years('trade', 'trade_year') }}
union all
select * from other_statements
union all
select * from {{ of_years('rollups', 'trade_year') }}
union all
select * exclude (is_alone) from mirror
where is_alone
union all
-- several figures of a side may come from one record
select distinct * exclude (is_alone) from mirror
where not is_alone
-- a fact's rows are found without reading all of its year
order by trade_year, fact_id
