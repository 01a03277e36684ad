-- Grain: one bilateral flow of a calendar year, added up from twelve published months of one source. A month counts as
-- published when its total is there and its partners were not set aside; a partner that a published month does not
-- list traded less than half the rounding in it. Where no total is printed, a year is built only of a partner that all
-- twelve months list; where a month has no value, the year has none. Other years with a month missing are not built.
with flows as (
    select * from {{ ref('int_trade__months') }}
),

listed_months as (
    select distinct
        source_code,
        reporter_code,
        flow,
        product_key,
        period_start
    from flows
    where not is_partner_world
),

published_months as (
    select
        totals.source_code,
        totals.reporter_code,
        totals.flow,
        totals.product_key,
        totals.period_start,
        totals.value_rounding_usd
    from flows as totals
    inner join listed_months
        on
            totals.source_code = listed_months.source_code
            and totals.reporter_code = listed_months.reporter_code
            and totals.flow = listed_months.flow
            and totals.product_key = listed_months.product_key
            and totals.period_start = listed_months.period_start
    where totals.is_partner_world
),

whole_years as (
    select
        source_code,
        reporter_code,
        flow,
        product_key,
        year(period_start) as year,
        max(value_rounding_usd) as value_rounding_usd
    from published_months
    group by source_code, reporter_code, flow, product_key, year(period_start)
    having count(distinct period_start) = 12
),

built as (
    select
        flows.source_code,
        flows.reporter_code,
        flows.partner_code,
        flows.flow,
        flows.product_key,
        max(flows.hs_code) as hs_code,
        year(flows.period_start) as year,
        max(flows.valuation) as valuation,
        case when count(flows.value_high_usd) = count(*) then {{ exact_sum('flows.value_usd') }} end as value_usd,
        case when count(flows.value_high_usd) = count(*) then {{ exact_sum('flows.value_low_usd') }} end
            as value_low_usd,
        {{ complete_sum('flows.value_high_usd') }}
        + (12 - count(*)) * max(coalesce(whole_years.value_rounding_usd, 0)) as value_high_usd,
        case when count(flows.net_weight_kg) = 12 then {{ exact_sum('flows.net_weight_kg') }} end as net_weight_kg,
        {{ exact_sum('flows.weight_rounding_kg') }} as weight_rounding_kg,
        case
            when count(flows.net_weight_kg) < 12 then 'not_available'
            when bool_or(flows.weight_status = 'estimated') then 'estimated'
            else 'reported'
        end as weight_status,
        count(*) as n_months_listed,
        max(flows.known_from) as known_from
    from flows
    left join whole_years
        on
            flows.source_code = whole_years.source_code
            and flows.reporter_code = whole_years.reporter_code
            and flows.flow = whole_years.flow
            and flows.product_key = whole_years.product_key
            and year(flows.period_start) = whole_years.year
    where not flows.is_partner_world
    group by
        flows.source_code, flows.reporter_code, flows.partner_code, flows.flow, flows.product_key,
        year(flows.period_start)
    having count(*) = 12 or max(whole_years.year) is not null
)

select * from built
