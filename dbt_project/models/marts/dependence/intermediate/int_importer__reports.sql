-- Grain: one product and calendar year, with how many of the European Union's members report their imports of it, how
-- many countries report exports of it, and whether China lists all its buyers: partners that add up to the printed
-- total are all there are, so that one it does not list was sent nothing.
with flows as (
    select
        reporter_code,
        flow,
        product_key,
        cast(year(period_start) as integer) as year
    from {{ ref('trade_preferred_all_levels') }}
    where
        period_type = 'calendar_year'
        and product_key like 'HS:%'
),

whole_listings as (
    select distinct
        product_key,
        cast(year(period_start) as integer) as year
    from {{ ref('int_trade__whole_listings') }}
    where
        reporter_code = 'CHN'
        and flow = 'export'
        and period_type = 'calendar_year'
)

select
    flows.product_key,
    flows.year,
    count(distinct members.member_code) filter (where flows.flow = 'import') as n_members_reporting,
    count(distinct flows.reporter_code) filter (where flows.flow = 'export') as n_exporters_reporting,
    whole_listings.product_key is not null as has_whole_listing_of_china
from flows
left join {{ ref('area_group_member') }} as members
    on
        flows.reporter_code = members.member_code
        and members.group_code = '{{ var("importer_group") }}'
        and make_date(flows.year, 1, 1) >= members.member_from
        and coalesce(make_date(flows.year, 12, 31) <= members.member_to, true)
left join whole_listings
    on
        flows.product_key = whole_listings.product_key
        and flows.year = whole_listings.year
group by flows.product_key, flows.year, whole_listings.product_key
