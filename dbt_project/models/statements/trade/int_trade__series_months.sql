-- Grain: one published month of one monthly series of India or China, of headings and the lines of event_lines: source,
-- reporter, partner, flow and product. A published month that does not list the partner counts as zero (`unlisted`: it
-- is below half the rounding), in weight only where the partners' weights make up the printed total; one whose total is
-- printed while its partners are in quarantine has no figure (`quarantined`).
with listed as (
    select
        series_id,
        listing_series_id,
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_start,
        -- a printed 0.00 is zero within the rounding
        case when value_high_usd is not null then coalesce(value_usd, 0) end as value_usd,
        value_rounding_usd,
        net_weight_kg,
        weight_rounding_kg
    from {{ ref('int_trade__months') }}
    where
        {{ is_of_event_series() }}
        and not is_partner_world
        and ('CHN' in (reporter_code, partner_code) or 'IND' in (reporter_code, partner_code))
),

series as (
    select
        series_id,
        max(listing_series_id) as listing_series_id,
        max(source_code) as source_code,
        max(reporter_code) as reporter_code,
        max(partner_code) as partner_code,
        max(flow) as flow,
        max(product_key) as product_key,
        max(value_rounding_usd) as value_rounding_usd,
        max(weight_rounding_kg) as weight_rounding_kg
    from listed
    group by series_id
),

published as (
    select * from {{ ref('int_trade__published_months') }}
),

unlisted as (
    select
        series.source_code,
        series.reporter_code,
        series.partner_code,
        series.flow,
        series.product_key,
        published.period_start,
        case when published.has_values then 0 end as value_usd,
        series.value_rounding_usd,
        case when published.has_weights then 0 end as net_weight_kg,
        series.weight_rounding_kg,
        case when published.has_partners then 'unlisted' else 'quarantined' end as month_status
    from series
    inner join published on series.listing_series_id = published.listing_series_id
    left join listed
        on
            series.series_id = listed.series_id
            and published.period_start = listed.period_start
    where listed.series_id is null
)

select
    source_code,
    reporter_code,
    partner_code,
    flow,
    product_key,
    period_start,
    value_usd,
    value_rounding_usd,
    net_weight_kg,
    weight_rounding_kg,
    'listed' as month_status
from listed
union all
select
    source_code,
    reporter_code,
    partner_code,
    flow,
    product_key,
    period_start,
    value_usd,
    value_rounding_usd,
    net_weight_kg,
    weight_rounding_kg,
    month_status
from unlisted
