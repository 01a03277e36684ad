-- Grain: one flow of a calendar year, or of a fiscal year of India's trade, added up from twelve published months of
-- one source; the world's is the sum of its printed totals. A month counts as published when its total and at least
-- one partner are there (in some months all partners are in quarantine); a partner that a published month does not list
-- traded less than half the rounding in it, in value and, where the partners' weights make up the month's total, in
-- weight. Where no total is printed, a year is built only of a partner that all twelve months list, unless the source
-- lists every partner; where a month has no value, the year has none, and where one has a value and no weight, no
-- weight. Other years with a month missing are not built, nor is one of a partner that no month values where its weight
-- is not whole.
{{ config(materialized='incremental') }}
with months as (
    select
        *,
        'calendar_year' as year_type,
        cast(date_trunc('year', period_start) as date) as year_start
    from {{ of_years(ref('int_trade__months'), and_next=true) }}
    union all
    select
        *,
        'fiscal_year' as year_type,
        {{ fiscal_year_start('period_start') }} as year_start
    from {{ of_years(ref('int_trade__months'), and_next=true) }}
    where 'IND' in (reporter_code, partner_code)
),

published_months as (
    select
        listing_series_id,
        year_type,
        max(year_start) as year_start,
        max(case when is_partner_world then value_rounding_usd end) as value_rounding_usd,
        bool_or(not is_partner_world and net_weight_kg is not null) and {{ weights_make_up_the_total() }} as has_weights
    from months
    group by listing_across_measures_id, listing_series_id, year_type
    having
        (bool_or(is_partner_world) or max(source_code) in ({{ quoted(var('sources_of_every_partner')) }}))
        and bool_or(not is_partner_world)
),

whole_years as (
    select
        listing_series_id,
        year_type,
        year_start,
        max(value_rounding_usd) as value_rounding_usd,
        bool_and(has_weights) as has_weights
    from published_months
    group by listing_series_id, year_type, year_start
    having count(*) = 12
),

built as (
    select
        months.series_id,
        max(months.source_code) as source_code,
        max(months.reporter_code) as reporter_code,
        max(months.partner_code) as partner_code,
        max(months.is_partner_world) as is_partner_world,
        max(months.flow) as flow,
        max(months.product_key) as product_key,
        max(months.hs_code) as hs_code,
        months.year_type as period_type,
        months.year_start as period_start,
        cast(months.year_start + interval 1 year - interval 1 day as date) as period_end,
        max(months.valuation) as valuation,
        case when count(months.value_high_usd) = count(*) then {{ exact_sum('months.value_usd') }} end as value_usd,
        case when count(months.value_high_usd) = count(*) then {{ exact_sum('months.value_low_usd') }} end
            as value_low_usd,
        {{ complete_sum('months.value_high_usd') }}
        + (12 - count(*)) * max(coalesce(whole_years.value_rounding_usd, 0)) as value_high_usd,
        {{ complete_sum('months.value_local') }} as value_local,
        max(months.currency_code) as currency_code,
        count(months.net_weight_kg) = 12
        or (
            bool_or(whole_years.has_weights)
            and count(months.net_weight_kg) > 0
            and count(*) filter (where months.net_weight_kg is null and months.value_usd > 0) = 0
        ) as has_weight,
        case when has_weight then {{ exact_sum('months.net_weight_kg') }} end as net_weight_kg,
        {{ exact_sum('months.weight_rounding_kg') }} as weight_rounding_kg,
        case
            when not coalesce(has_weight, false) then 'not_available'
            when bool_or(months.weight_status = 'estimated') then 'estimated'
            else 'reported'
        end as weight_status,
        count(*) as n_months_listed,
        count(months.fact_id) as n_months_valued,
        max(months.known_from) as known_from
    from months
    left join whole_years
        on
            months.listing_series_id = whole_years.listing_series_id
            and months.year_type = whole_years.year_type
            and months.year_start = whole_years.year_start
    group by months.series_id, months.year_type, months.year_start
    having count(*) = 12 or (max(whole_years.year_start) is not null and not bool_or(months.is_partner_world))
)

select * exclude (has_weight, n_months_valued) from {{ of_years('built') }}
where n_months_valued > 0 or has_weight or value_local is not null
