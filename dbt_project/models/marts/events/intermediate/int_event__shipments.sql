-- Grain: one figure of a month that a series, or its comparison, is added up from: the series' own month, another
-- partner's month, or that of the rest of the world where no other partner is listed. Only values above zero.
with months as (
    select * from {{ ref('int_event__months') }}
),

own as (
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        month as shipped_month,
        false as is_comparison,
        true as is_whole_month,
        partner_code as shipper_code,
        value_usd as shipped_usd,
        net_weight_kg as shipped_kg,
        weighed_usd as shipped_weighed_usd,
        weighed_kg as shipped_weighed_kg
    from months
),

rests as (
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        month as shipped_month,
        true as is_comparison,
        true as is_whole_month,
        'rest of the world' as shipper_code,
        placebo_value_usd as shipped_usd,
        placebo_net_weight_kg as shipped_kg,
        placebo_weighed_usd as shipped_weighed_usd,
        placebo_weighed_kg as shipped_weighed_kg
    from months
    where placebo_basis = 'rest_of_world'
),

partners as (
    select
        months.source_code,
        months.reporter_code,
        months.partner_code,
        months.flow,
        months.product_key,
        months.month as shipped_month,
        true as is_comparison,
        false as is_whole_month,
        figures.partner_code as shipper_code,
        case when months.value_usd is not null and figures.value_high_usd is not null then figures.value_usd end
            as shipped_usd,
        figures.net_weight_kg as shipped_kg,
        case when figures.net_weight_kg > 0 and figures.value_high_usd is not null then figures.value_usd end
            as shipped_weighed_usd,
        case when figures.value_usd > 0 then figures.net_weight_kg end as shipped_weighed_kg
    from months
    inner join {{ ref('int_trade__months') }} as figures
        on
            months.source_code = figures.source_code
            and months.reporter_code = figures.reporter_code
            and months.flow = figures.flow
            and months.product_key = figures.product_key
            and months.month = figures.period_start
            and months.partner_code <> figures.partner_code
            and months.reporter_code <> figures.partner_code
            and figures.partner_code not in ('CHN', 'HKG', 'MAC')
    where
        months.placebo_basis = 'other_partners'
        and not figures.is_partner_world
),

shipments as (
    select * from own
    union all
    select * from rests
    union all
    select * from partners
)

select * from shipments
where shipped_usd > 0 or shipped_kg > 0
