-- Grain: one of India's flows with the whole world: flow × code × calendar year, in kg and tonnes of rare-earth oxide.
-- A year's total, or its partners added up, comes first (whole_year). Else the two fiscal years that a calendar year
-- lies in bound it: between nothing and the sum of both (two_fiscal_years).
with figures as (
    select
        trade.source_code,
        trade.figure_basis,
        trade.is_partner_world,
        trade.flow,
        trade.product_key,
        trade.period_type,
        cast(year(trade.period_start) as integer) as year,
        trade.net_weight_kg,
        trade.weight_status,
        reo.reo_tonnes_low,
        reo.reo_tonnes_central,
        reo.reo_tonnes_high
    from {{ ref('int_trade__figures') }} as trade
    left join {{ ref('int_trade__reo') }} as reo on trade.fact_id = reo.fact_id
    where
        trade.reporter_code = 'IND'
        and trade.period_type in ('calendar_year', 'fiscal_year')
        and trade.product_key like 'HS:%'
),

added as (
    select
        source_code,
        figure_basis,
        flow,
        product_key,
        period_type,
        year,
        is_partner_world,
        sum(net_weight_kg) as net_weight_kg,
        bool_or(weight_status = 'estimated') as has_estimated_weights,
        sum(reo_tonnes_low) as reo_tonnes_low,
        case when count(reo_tonnes_central) = count(*) then sum(reo_tonnes_central) end as reo_tonnes_central,
        sum(reo_tonnes_high) as reo_tonnes_high
    from figures
    group by source_code, figure_basis, flow, product_key, period_type, year, is_partner_world
    having count(reo_tonnes_high) = count(*)
),

best as (
    select * from added
    qualify row_number() over (
        partition by flow, product_key, period_type, year
        order by
            not is_partner_world, has_estimated_weights, reo_tonnes_high - reo_tonnes_low, source_code, figure_basis
    ) = 1
),

whole_years as (
    select
        flow,
        product_key,
        year,
        'whole_year' as year_basis,
        net_weight_kg,
        has_estimated_weights,
        reo_tonnes_low,
        reo_tonnes_central,
        reo_tonnes_high
    from best
    where period_type = 'calendar_year'
),

bounded_years as (
    select
        this.flow,
        this.product_key,
        this.year,
        'two_fiscal_years' as year_basis,
        cast(null as double) as net_weight_kg,
        this.has_estimated_weights or before.has_estimated_weights as has_estimated_weights,
        0.0 as reo_tonnes_low,
        cast(null as double) as reo_tonnes_central,
        this.reo_tonnes_high + before.reo_tonnes_high as reo_tonnes_high
    from best as this
    inner join best as before
        on
            this.flow = before.flow
            and this.product_key = before.product_key
            and this.year = before.year + 1
            and before.period_type = 'fiscal_year'
    where
        this.period_type = 'fiscal_year'
        and not exists (
            select 1
            from whole_years
            where
                whole_years.flow = this.flow
                and whole_years.product_key = this.product_key
                and whole_years.year = this.year
        )
)

select * from whole_years
union all
select * from bounded_years
