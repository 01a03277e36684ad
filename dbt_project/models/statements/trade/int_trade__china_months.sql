-- Grain: one published month of one monthly series with China on one side, headings only: source, reporter, partner,
-- flow and product. A published month that does not list the partner counts as nought (`unlisted`: it is below half the
-- rounding); one whose total is printed while its partners are in quarantine has no figure (`set_aside`).
with figures as (
    select * from {{ ref('int_trade__months') }}
    where
        product_key like 'HS:%'
        and reporter_code <> partner_code
),

listed as (
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_start,
        -- a printed 0.00 is nought within the rounding
        case when value_high_usd is not null then coalesce(value_usd, 0) end as value_usd,
        value_rounding_usd,
        net_weight_kg,
        weight_rounding_kg,
        weight_status
    from figures
    where
        not is_partner_world
        and 'CHN' in (reporter_code, partner_code)
),

series as (
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        max(value_rounding_usd) as value_rounding_usd,
        max(weight_rounding_kg) as weight_rounding_kg
    from listed
    group by source_code, reporter_code, partner_code, flow, product_key
),

published as (
    select
        source_code,
        reporter_code,
        flow,
        product_key,
        period_start,
        bool_or(is_partner_world) as has_total,
        bool_or(not is_partner_world) as has_partners
    from figures
    group by source_code, reporter_code, flow, product_key, period_start
),

unlisted as (
    select
        series.source_code,
        series.reporter_code,
        series.partner_code,
        series.flow,
        series.product_key,
        published.period_start,
        case when published.has_partners then 0 end as value_usd,
        series.value_rounding_usd,
        cast(null as double) as net_weight_kg,
        series.weight_rounding_kg,
        case when published.has_partners then 'unlisted' else 'set_aside' end as month_status
    from series
    inner join published
        on
            series.source_code = published.source_code
            and series.reporter_code = published.reporter_code
            and series.flow = published.flow
            and series.product_key = published.product_key
    where
        published.has_total
        and not exists (
            select 1
            from listed
            where
                listed.source_code = series.source_code
                and listed.reporter_code = series.reporter_code
                and listed.partner_code = series.partner_code
                and listed.flow = series.flow
                and listed.product_key = series.product_key
                and listed.period_start = published.period_start
        )
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
