-- Grain: one row of one landed artifact that stands behind one published fact, and in what role.
with mineral as (
    select
        fact_id,
        artifact_sha256,
        artifact_row,
        'reported' as role
    from {{ ref('int_mineral_statistics__stated') }}
),

trade as (
    select
        fact_id,
        artifact_sha256,
        artifact_row,
        'reported' as role
    from {{ ref('int_trade__resolved') }}
),

other_layouts as (
    select
        fact_id,
        other_artifact_sha256 as artifact_sha256,
        other_artifact_row as artifact_row,
        case when is_value_agreed then 'corroborates' else 'contradicts' end as role
    from {{ ref('int_trade__layout_pairs') }}
),

mirror_sides as (
    select
        fact_id as mirror_fact_id,
        exporter_fact_id as side_fact_id,
        'exporter_report' as role
    from {{ ref('fct_trade_mirror') }}
    where exporter_fact_id is not null
    union all
    select
        fact_id as mirror_fact_id,
        importer_fact_id as side_fact_id,
        'importer_report' as role
    from {{ ref('fct_trade_mirror') }}
    where importer_fact_id is not null
),

mirror as (
    select
        mirror_sides.mirror_fact_id as fact_id,
        trade.artifact_sha256,
        trade.artifact_row,
        mirror_sides.role
    from mirror_sides
    inner join trade on mirror_sides.side_fact_id = trade.fact_id
),

mirror_months as (
    select
        mirror.fact_id,
        months.artifact_sha256,
        months.artifact_row,
        case when months.flow = 'export' then 'exporter_report' else 'importer_report' end as role
    from {{ ref('fct_trade_mirror') }} as mirror
    inner join {{ ref('int_trade__resolved') }} as months
        on
            mirror.product_key = months.product_key
            and year(mirror.period_start) = year(months.period_start)
            and months.period_type = 'month'
            and months.known_to is null
            and (
                (
                    mirror.exporter_period_basis = 'built_from_months'
                    and months.flow = 'export'
                    and months.reporter_code = mirror.exporter_code
                    and months.partner_code = mirror.importer_code
                )
                or (
                    mirror.importer_period_basis = 'built_from_months'
                    and months.flow = 'import'
                    and months.reporter_code = mirror.importer_code
                    and months.partner_code = mirror.exporter_code
                )
            )
    where mirror.period_type = 'calendar_year'
)

select * from mineral
union all
select * from trade
union all
select * from other_layouts
union all
select * from mirror
union all
select * from mirror_months
