-- Grain: one thing that cannot be known of India's supply of one stage in one year, calendar or fiscal, as side:code.
with spine as (
    select * from {{ ref('int_india_supply__years') }}
),

sides as (
    select
        spine.stage_code,
        spine.period_type,
        spine.year,
        flows.flow || 's' as side,
        sides.stage_code is null as is_silent,
        sides.n_codes,
        sides.n_codes_known,
        sides.n_codes_valued,
        sides.year_basis,
        sides.has_estimated_weights,
        sides.reo_tonnes_high,
        sides.reo_tonnes_central,
        sides.is_bounded,
        sides.unweighed_kg_high,
        flows.flow
    from spine
    cross join (values ('import'), ('export')) as flows (flow)
    left join {{ ref('int_india_supply__sides') }} as sides
        on
            spine.stage_code = sides.stage_code
            and spine.period_type = sides.period_type
            and spine.year = sides.year
            and flows.flow = sides.flow
),

-- the years of the other calendar that a year lies in
others as (
    select distinct
        products.stage_code,
        trade.flow,
        case trade.period_type when 'fiscal_year' then 'calendar_year' else 'fiscal_year' end as period_type,
        trade.period_type || '_only' as code,
        cast(year(trade.period_start) as integer) + unnest(
            case trade.period_type when 'fiscal_year' then [0, 1] else [-1, 0] end
        ) as year
    from {{ ref('int_trade__figures') }} as trade
    inner join {{ ref('dim_product') }} as products on trade.product_key = products.product_key
    where
        trade.reporter_code = 'IND'
        and trade.period_type in ('calendar_year', 'fiscal_year')
),

-- headings only: of some national lines only selected partners are held
months as (
    select
        products.stage_code,
        months.flow,
        cast(year(months.period_start) as integer) as year,
        months.product_key,
        months.period_start,
        bool_or(months.is_partner_world) as has_total,
        bool_or(not months.is_partner_world) as has_partners
    from {{ ref('int_trade__months') }} as months
    inner join {{ ref('dim_product') }} as products on months.product_key = products.product_key
    where
        months.reporter_code = 'IND'
        and months.product_key like 'HS:%'
    group by products.stage_code, months.flow, year(months.period_start), months.product_key, months.period_start
),

months_of_year as (
    select
        stage_code,
        flow,
        year,
        product_key,
        max(period_start) = max(max(period_start)) over (partition by flow, product_key)
        and max(period_start) < make_date(year, 12, 1) as is_unfinished,
        count(*) filter (where has_total and not has_partners) as n_months_without_partners
    from months
    group by stage_code, flow, year, product_key
),

gaps as (
    select
        stage_code,
        period_type,
        year,
        side || ':not_reported' as gap
    from sides
    where
        is_silent
        and not exists (
            select 1
            from others
            where
                others.stage_code = sides.stage_code
                and others.flow = sides.flow
                and others.period_type = sides.period_type
                and others.year = sides.year
        )
        and not exists (
            select 1
            from months_of_year
            where
                months_of_year.stage_code = sides.stage_code
                and months_of_year.flow = sides.flow
                and months_of_year.year = sides.year
                and sides.period_type = 'calendar_year'
        )
    union all
    select
        sides.stage_code,
        sides.period_type,
        sides.year,
        sides.side || ':' || others.code as gap
    from sides
    inner join others
        on
            sides.stage_code = others.stage_code
            and sides.flow = others.flow
            and sides.period_type = others.period_type
            and sides.year = others.year
    where
        sides.is_silent
        or sides.year_basis is distinct from 'whole_year'
    union all
    select
        stage_code,
        period_type,
        year,
        side || ':no_weight' as gap
    from sides
    where
        n_codes_known = 0
        and n_codes_valued > 0
    union all
    select
        stage_code,
        period_type,
        year,
        side || ':codes_missing' as gap
    from sides
    where n_codes_known between 1 and n_codes - 1
    union all
    select
        stage_code,
        period_type,
        year,
        side || ':priced_at_minimum' as gap
    from sides
    where unweighed_kg_high > 0
    union all
    select
        stage_code,
        period_type,
        year,
        side || ':weight_unbounded' as gap
    from sides
    where not is_bounded
    union all
    select
        stage_code,
        period_type,
        year,
        side || ':estimated_weights' as gap
    from sides
    where has_estimated_weights
    union all
    select
        stage_code,
        period_type,
        year,
        side || ':no_central_factor' as gap
    from sides
    where
        n_codes_known > 0
        and year_basis = 'whole_year'
        and reo_tonnes_high is not null
        and reo_tonnes_central is null
    union all
    select distinct
        stage_code,
        'calendar_year' as period_type,
        year,
        flow || 's:partner_months_in_quarantine' as gap
    from months_of_year
    where n_months_without_partners > 0
    union all
    select distinct
        stage_code,
        'calendar_year' as period_type,
        year,
        flow || 's:year_incomplete' as gap
    from months_of_year
    where is_unfinished
    union all
    select
        stage_code,
        period_type,
        year,
        'production:no_series' as gap
    from spine
    where
        production_fact_id is null
        and not is_mined
    union all
    select
        stage_code,
        period_type,
        year,
        'production:no_figure' as gap
    from spine
    where
        production_fact_id is null
        and is_mined
    union all
    select
        stage_code,
        period_type,
        year,
        'production:calendar_year_only' as gap
    from spine
    where
        production_fact_id is not null
        and period_type = 'fiscal_year'
    union all
    select
        stage_code,
        period_type,
        year,
        'production:estimated' as gap
    from spine
    where production_status = 'estimated'
)

select * from gaps
