-- Grain: one product and calendar year, with how many of the European Union's members report their imports of it and
-- how many countries report exports of it.
with flows as (
    select
        reporter_code,
        flow,
        product_key,
        cast(year(period_start) as integer) as year
    from {{ ref('trade_best') }}
    where
        period_type = 'calendar_year'
        and product_key like 'HS:%'
)

select
    flows.product_key,
    flows.year,
    count(distinct members.member_code) filter (where flows.flow = 'import') as n_members_reporting,
    count(distinct flows.reporter_code) filter (where flows.flow = 'export') as n_exporters_reporting
from flows
left join {{ ref('area_group_member') }} as members
    on
        flows.reporter_code = members.member_code
        and members.group_code = '{{ var("stakeholder_group") }}'
        and make_date(flows.year, 1, 1) >= members.member_from
        and coalesce(make_date(flows.year, 12, 31) <= members.member_to, true)
group by flows.product_key, flows.year
