-- Grain: one row of one landed artifact behind one published fact, and in what role.
with stated as (
    {%- for feed in feeds_of_statements() %}
    select
        fact_id,
        artifact_sha256,
        artifact_row,
        'reported' as role
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
        case when trade_rows.part_label is null then 'reported' else 'added_up' end as role
    from {{ ref('int_trade__rows') }} as trade_rows
    where trade_rows.fact_id in (select resolved.fact_id from {{ ref('int_trade__resolved') }} as resolved)
),

other_layouts as (
    select
        fact_id,
        other_artifact_sha256 as artifact_sha256,
        other_artifact_row as artifact_row,
        case when is_value_agreed then 'corroborates' else 'contradicts' end as role
    from {{ ref('int_trade__layout_pairs') }}
),

active as (
    select flow_id from {{ ref('int_trade__resolved') }}
    where known_to is null
),

-- a coarser layout's partner that a whole listing in a finer one does not have, and so speaks against its total
not_listed as (
    select
        totals.fact_id,
        trade_rows.artifact_sha256,
        trade_rows.artifact_row,
        'contradicts' as role
    from {{ ref('int_trade__rows') }} as trade_rows
    inner join {{ ref('int_trade__resolved') }} as totals
        on
            trade_rows.listing_id = totals.listing_id
            and totals.is_partner_world
            and totals.known_to is null
    where
        trade_rows.next_release_from is null
        and trade_rows.layout_rank > totals.layout_rank
        and trade_rows.flow_id not in (select active.flow_id from active)
),

rollups as (
    select
        members.rollup_fact_id as fact_id,
        trade_rows.artifact_sha256,
        trade_rows.artifact_row,
        'added_up' as role
    from {{ ref('int_trade__rollup_members') }} as members
    inner join {{ ref('int_trade__rows') }} as trade_rows on members.fact_id = trade_rows.fact_id
    where not members.is_partner_world
),

flows as (
    select * from trade
    union all
    select * from rollups
),

mirror_sides as (
    {%- for column, role in [
        ('exporter_fact_id', 'exporter_report'), ('importer_fact_id', 'importer_report'),
        ('exporter_weight_fact_id', 'exporter_report'), ('importer_weight_fact_id', 'importer_report'),
    ] %}
    select
        fact_id as mirror_fact_id,
        {{ column }} as side_fact_id,
        '{{ role }}' as role
    from {{ ref('fct_trade_mirror') }}
    where {{ column }} is not null
    {%- if not loop.last %}
    union
    {%- endif %}
    {%- endfor %}
),

mirror as (
    select
        mirror_sides.mirror_fact_id as fact_id,
        flows.artifact_sha256,
        flows.artifact_row,
        mirror_sides.role
    from mirror_sides
    inner join flows on mirror_sides.side_fact_id = flows.fact_id
),

mirror_months as (
    select distinct
        mirror.fact_id,
        flows.artifact_sha256,
        flows.artifact_row,
        case when months.flow = 'export' then 'exporter_report' else 'importer_report' end as role
    from {{ ref('fct_trade_mirror') }} as mirror
    inner join {{ ref('int_trade__months') }} as months
        on
            mirror.product_key = months.product_key
            and year(mirror.period_start) = year(months.period_start)
            and (
                (
                    'built_from_months' in (mirror.exporter_period_basis, mirror.exporter_weight_period_basis)
                    and months.flow = 'export'
                    and months.source_code in (mirror.exporter_source_code, mirror.exporter_weight_source_code)
                    and {{ mirror_country('months.reporter_code') }} = mirror.exporter_code
                    and {{ mirror_country('months.partner_code') }} = mirror.importer_code
                )
                or (
                    'built_from_months' in (mirror.importer_period_basis, mirror.importer_weight_period_basis)
                    and months.flow = 'import'
                    and months.source_code in (mirror.importer_source_code, mirror.importer_weight_source_code)
                    and {{ mirror_country('months.reporter_code') }} = mirror.importer_code
                    and {{ mirror_country('months.partner_code') }} = mirror.exporter_code
                )
            )
    inner join flows on flows.fact_id in (months.fact_id, months.weight_fact_id)
    where mirror.period_type = 'calendar_year'
)

select * from stated
union all
select * from trade
union all
select * from other_layouts
union all
select * from not_listed
union all
select * from rollups
union all
select * from mirror
union all
select * from mirror_months
