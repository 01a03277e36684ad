-- Grain: one month of one India–China series of one source, or one year where the source has no months of it, beside
-- the median log of the same calendar month (or the year) in up to five years before, and the spread of all months of
-- those years about their own medians. A printed zero counts as its rounding, since zero has no logarithm.
with months as (
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        'month' as period_type,
        period_start,
        value_usd,
        value_rounding_usd,
        month_status
    from {{ ref('int_trade__china_months') }}
    where
        reporter_code in ('IND', 'CHN')
        and partner_code in ('IND', 'CHN')
    union all
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        'month' as period_type,
        period_start,
        case when value_high_usd is not null then coalesce(value_usd, 0) end as value_usd,
        value_rounding_usd,
        'listed' as month_status
    from {{ ref('int_trade__months') }}
    where
        product_key not like 'HS:%'
        and not is_partner_world
        and reporter_code in ('IND', 'CHN')
        and partner_code in ('IND', 'CHN')
        and reporter_code <> partner_code
),

years as (
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        period_start,
        case when value_high_usd is not null then coalesce(value_usd, 0) end as value_usd,
        value_rounding_usd,
        'listed' as month_status
    from {{ ref('int_trade__figures') }} as figures
    where
        period_type in ('calendar_year', 'fiscal_year')
        and not is_partner_world
        and reporter_code in ('IND', 'CHN')
        and partner_code in ('IND', 'CHN')
        and reporter_code <> partner_code
        and not exists (
            select 1
            from months
            where
                months.source_code = figures.source_code
                and months.reporter_code = figures.reporter_code
                and months.partner_code = figures.partner_code
                and months.flow = figures.flow
                and months.product_key = figures.product_key
        )
    qualify row_number() over (
        partition by source_code, reporter_code, partner_code, flow, product_key, period_type, period_start
        order by figure_basis <> 'reported', value_high_usd is null, fact_id
    ) = 1
),

series as (
    select * from months
    union all
    select * from years
),

logged as (
    select
        *,
        {{ settled('ln(greatest(value_usd, value_rounding_usd, 1))') }} as log_value
    from series
),

earlier_periods as (
    select
        present.source_code,
        present.reporter_code,
        present.partner_code,
        present.flow,
        present.product_key,
        present.period_type,
        present.period_start,
        month(earlier.period_start) = month(present.period_start) as is_same_month,
        earlier.log_value,
        earlier.log_value - median(earlier.log_value) over (
            partition by
                present.source_code, present.reporter_code, present.partner_code, present.flow, present.product_key,
                present.period_type, present.period_start, month(earlier.period_start)
        ) as residual_log
    from logged as present
    inner join logged as earlier
        on
            present.source_code = earlier.source_code
            and present.reporter_code = earlier.reporter_code
            and present.partner_code = earlier.partner_code
            and present.flow = earlier.flow
            and present.product_key = earlier.product_key
            and present.period_type = earlier.period_type
            and year(earlier.period_start) >= year(present.period_start) - {{ var('season_years') }}
            and year(earlier.period_start) < year(present.period_start)
    where earlier.log_value is not null
),

history as (
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        period_start,
        count(*) filter (where is_same_month) as n_years,
        {{ settled('median(log_value) filter (where is_same_month)') }} as median_log,
        -- of three to five years alone the spread is a guess: all months of those years lend theirs
        {{ settled('median(abs(residual_log))') }} as mad_log
    from earlier_periods
    group by source_code, reporter_code, partner_code, flow, product_key, period_type, period_start
)

select
    logged.source_code,
    logged.reporter_code,
    logged.partner_code,
    logged.flow,
    logged.product_key,
    logged.period_type,
    logged.period_start,
    logged.month_status,
    logged.value_usd,
    logged.log_value,
    coalesce(history.n_years, 0) as n_years,
    history.median_log,
    history.mad_log
from logged
left join history
    on
        logged.source_code = history.source_code
        and logged.reporter_code = history.reporter_code
        and logged.partner_code = history.partner_code
        and logged.flow = history.flow
        and logged.product_key = history.product_key
        and logged.period_type = history.period_type
        and logged.period_start = history.period_start
