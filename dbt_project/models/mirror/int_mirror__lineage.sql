-- Grain: one trade figure behind one side of a reconciled flow, by role and kind of figure: the side's own report or
-- roll-up, or each month of a year that was built from months.
{{ config(materialized='incremental') }}
with sides as (
    select
        *,
        case flow when 'export' then 'exporter_report' else 'importer_report' end as role
    from {{ of_years(ref('int_mirror__sides')) }}
),

months as (
    select * from {{ of_years(ref('int_trade__months'), and_next=true) }}
)

select
    mirror_fact_id as fact_id,
    fact_id as side_fact_id,
    role,
    figure_kind,
    period_start
from sides
where fact_id is not null
union all
select
    sides.mirror_fact_id as fact_id,
    case sides.figure_kind when 'value' then months.fact_id else months.weight_fact_id end as side_fact_id,
    sides.role,
    sides.figure_kind,
    sides.period_start
from sides
inner join months
    on
        sides.source_code = months.source_code
        and sides.reporter_code = months.reporter_code
        and sides.partner_code = months.partner_code
        and sides.flow = months.flow
        and sides.product_key = months.product_key
        and months.period_start between sides.period_start and sides.period_end
where
    sides.period_basis = 'built_from_months'
    and side_fact_id is not null
