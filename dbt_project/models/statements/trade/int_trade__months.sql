-- Grain: one flow of one month as one source has it, with one value and one weight. A reported figure comes before one
-- added up from national lines; a month may take its value from one of them and its weight from the other. Where two
-- reports state the values and the weights of a month, a partner of the weights alone traded less than half the
-- rounding of the values: a bound. Most flows of a month have one figure, and nothing is to choose.
{{ config(materialized='incremental') }}
with reported_again as (
    select flow_across_measures_id
    from {{ of_years(ref('int_trade__figures')) }}
    where period_type = 'month'
    group by flow_across_measures_id
    having count(*) > 1
),

figures as (
    select
        *,
        case figure_basis when 'reported' then 1 else 2 end as preference
    from {{ of_years(ref('int_trade__figures')) }}
    where
        period_type = 'month'
        and flow_across_measures_id in (select reported_again.flow_across_measures_id from reported_again)
),

alone as (
    select
        flow_across_measures_id,
        listing_across_measures_id,
        series_id,
        listing_series_id,
        source_code,
        reporter_code,
        partner_code,
        is_partner_world,
        flow,
        product_key,
        hs_code,
        period_start,
        valuation,
        case when value_high_usd is not null then fact_id end as fact_id,
        value_usd,
        value_low_usd,
        value_high_usd,
        case when value_high_usd is not null then value_rounding_usd end as value_rounding_usd,
        value_local,
        case when value_local is not null then currency_code end as currency_code,
        case when net_weight_kg is not null then fact_id end as weight_fact_id,
        net_weight_kg,
        case when net_weight_kg is not null then weight_rounding_kg end as weight_rounding_kg,
        case when net_weight_kg is not null then weight_status else 'not_available' end as weight_status,
        known_from
    from {{ of_years(ref('int_trade__figures')) }}
    where
        period_type = 'month'
        and flow_across_measures_id not in (select reported_again.flow_across_measures_id from reported_again)
        and coalesce(value_high_usd, value_local, net_weight_kg) is not null
),

valued as (
    select * from figures
    where value_high_usd is not null
    qualify row_number() over (
        partition by flow_across_measures_id
        order by preference, value_usd is null, fact_id
    ) = 1
),

weighed as (
    select * from figures
    where net_weight_kg is not null
    qualify row_number() over (
        partition by flow_across_measures_id
        order by preference, weight_status = 'estimated', fact_id
    ) = 1
),

in_local_currency as (
    select * from figures
    where value_local is not null
    qualify row_number() over (
        partition by flow_across_measures_id
        order by preference, fact_id
    ) = 1
),

flows as (
    select
        flow_across_measures_id,
        max(listing_across_measures_id) as listing_across_measures_id,
        max(series_id) as series_id,
        max(listing_series_id) as listing_series_id,
        max(source_code) as source_code,
        max(reporter_code) as reporter_code,
        max(partner_code) as partner_code,
        bool_or(is_partner_world) as is_partner_world,
        max(flow) as flow,
        max(product_key) as product_key,
        max(hs_code) as hs_code,
        max(period_start) as period_start
    from figures
    where coalesce(value_high_usd, value_local, net_weight_kg) is not null
    group by flow_across_measures_id
),

chosen as (
    select
        flows.*,
        coalesce(valued.valuation, weighed.valuation, in_local_currency.valuation) as valuation,
        valued.fact_id,
        valued.value_usd,
        valued.value_low_usd,
        valued.value_high_usd,
        valued.value_rounding_usd,
        in_local_currency.value_local,
        in_local_currency.currency_code,
        weighed.fact_id as weight_fact_id,
        weighed.net_weight_kg,
        weighed.weight_rounding_kg,
        coalesce(weighed.weight_status, 'not_available') as weight_status,
        greatest(valued.known_from, weighed.known_from, in_local_currency.known_from) as known_from
    from flows
    left join valued on flows.flow_across_measures_id = valued.flow_across_measures_id
    left join weighed on flows.flow_across_measures_id = weighed.flow_across_measures_id
    left join in_local_currency on flows.flow_across_measures_id = in_local_currency.flow_across_measures_id
),

joined as (
    select * from alone
    union all by name
    select * from chosen
),

valued_listings as (
    select
        listing_across_measures_id,
        max(value_rounding_usd) filter (where is_partner_world) as value_rounding_usd
    from joined
    group by listing_across_measures_id
    having
        bool_or(is_partner_world and value_high_usd is not null and fact_id <> weight_fact_id)
        and bool_or(not is_partner_world and value_high_usd is not null)
)

select
    joined.* replace (
        coalesce(
            joined.value_low_usd, case when valued_listings.value_rounding_usd is not null then 0 end
        ) as value_low_usd,
        coalesce(joined.value_high_usd, valued_listings.value_rounding_usd) as value_high_usd,
        coalesce(joined.value_rounding_usd, valued_listings.value_rounding_usd) as value_rounding_usd
    )
from joined
left join valued_listings
    on
        joined.listing_across_measures_id = valued_listings.listing_across_measures_id
        and joined.value_high_usd is null
