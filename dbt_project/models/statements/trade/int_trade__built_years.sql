-- Grain: one bilateral flow of a calendar year, added up from twelve published months of one source. A month counts as
-- published when its total and at least one partner are there (in some months all partners are in quarantine); a
-- partner that a published month does not list traded less than half the rounding in it. Where no total is printed, a
-- year is built only of a partner that all twelve months list; where a month has no value, the year has none. Other
-- years with a month missing are not built.
with months as (
    select * from {{ ref('int_trade__months') }}
),

published_months as (
    select
        listing_series_id,
        year(max(period_start)) as year,
        max(case when is_partner_world then value_rounding_usd end) as value_rounding_usd
    from months
    group by listing_across_measures_id, listing_series_id
    having bool_or(is_partner_world) and bool_or(not is_partner_world)
),

whole_years as (
    select
        listing_series_id,
        year,
        max(value_rounding_usd) as value_rounding_usd
    from published_months
    group by listing_series_id, year
    having count(*) = 12
),

built as (
    select
        max(months.source_code) as source_code,
        max(months.reporter_code) as reporter_code,
        max(months.partner_code) as partner_code,
        max(months.flow) as flow,
        max(months.product_key) as product_key,
        max(months.hs_code) as hs_code,
        year(months.period_start) as year,
        max(months.valuation) as valuation,
        case when count(months.value_high_usd) = count(*) then {{ exact_sum('months.value_usd') }} end as value_usd,
        case when count(months.value_high_usd) = count(*) then {{ exact_sum('months.value_low_usd') }} end
            as value_low_usd,
        {{ complete_sum('months.value_high_usd') }}
        + (12 - count(*)) * max(coalesce(whole_years.value_rounding_usd, 0)) as value_high_usd,
        case when count(months.net_weight_kg) = 12 then {{ exact_sum('months.net_weight_kg') }} end as net_weight_kg,
        {{ exact_sum('months.weight_rounding_kg') }} as weight_rounding_kg,
        case
            when count(months.net_weight_kg) < 12 then 'not_available'
            when bool_or(months.weight_status = 'estimated') then 'estimated'
            else 'reported'
        end as weight_status,
        count(*) as n_months_listed,
        max(months.known_from) as known_from
    from months
    left join whole_years
        on
            months.listing_series_id = whole_years.listing_series_id
            and year(months.period_start) = whole_years.year
    where not months.is_partner_world
    group by months.series_id, year(months.period_start)
    having count(*) = 12 or max(whole_years.year) is not null
)

select * from built
