-- Grain: one month of one monthly series with China on one side, beside its comparison: the other partners of the same
-- reporter, flow and product (`other_partners`), or the printed total less the series where no other partner is listed
-- (`rest_of_world`). China, Hong Kong and Macao are no comparison. `weighed_` is what has both a value and a weight.
-- Other partners have a weight together only where each that traded has one.
with months as (
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_start as month,
        value_usd,
        net_weight_kg,
        case when net_weight_kg > 0 and value_usd > 0 then value_usd end as weighed_usd,
        case when net_weight_kg > 0 and value_usd > 0 then net_weight_kg end as weighed_kg,
        value_rounding_usd as rounding_usd,
        weight_rounding_kg as rounding_kg
    from {{ ref('int_trade__china_months') }}
),

figures as (
    select
        *,
        case when value_high_usd is not null then coalesce(value_usd, 0) end as counted_usd,
        net_weight_kg > 0 and value_usd > 0 as is_weighed
    from {{ ref('int_trade__months') }}
    where reporter_code <> partner_code
),

compared as (
    select
        months.source_code,
        months.reporter_code,
        months.partner_code,
        months.flow,
        months.product_key,
        months.month,
        {{ exact_sum('figures.counted_usd', where='figures.is_partner_world') }} as total_usd,
        {{ exact_sum('figures.net_weight_kg', where='figures.is_partner_world') }} as total_kg,
        count(*) filter (where not figures.is_partner_world) as n_listed,
        count(*) filter (
            where not figures.is_partner_world
            and (figures.counted_usd > 0 or (figures.counted_usd is null and figures.net_weight_kg > 0))
        ) as n_trading,
        count(*) filter (
            where not figures.is_partner_world and figures.counted_usd > 0 and figures.net_weight_kg is null
        ) as n_unweighed,
        {{ exact_sum('figures.counted_usd', where='not figures.is_partner_world') }} as others_usd,
        {{ exact_sum('figures.net_weight_kg', where='not figures.is_partner_world') }} as others_kg,
        {{ exact_sum('figures.counted_usd', where='not figures.is_partner_world and figures.is_weighed') }}
            as others_weighed_usd,
        {{ exact_sum('figures.net_weight_kg', where='not figures.is_partner_world and figures.is_weighed') }}
            as others_weighed_kg
    from months
    inner join figures
        on
            months.source_code = figures.source_code
            and months.reporter_code = figures.reporter_code
            and months.flow = figures.flow
            and months.product_key = figures.product_key
            and months.month = figures.period_start
            and months.partner_code <> figures.partner_code
            and figures.partner_code not in ('CHN', 'HKG', 'MAC')
    group by
        months.source_code, months.reporter_code, months.partner_code, months.flow, months.product_key, months.month
),

bases as (
    select
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        case when sum(n_listed) > 0 then 'other_partners' else 'rest_of_world' end as placebo_basis
    from compared
    group by source_code, reporter_code, partner_code, flow, product_key
)

select
    months.source_code,
    months.reporter_code,
    months.partner_code,
    months.flow,
    months.product_key,
    months.month,
    months.value_usd,
    months.net_weight_kg,
    months.weighed_usd,
    months.weighed_kg,
    months.rounding_usd,
    months.rounding_kg,
    coalesce(bases.placebo_basis, 'none') as placebo_basis,
    cast(case when bases.placebo_basis = 'other_partners' then compared.n_trading end as integer) as n_placebo_series,
    case bases.placebo_basis
        when 'other_partners' then case when months.value_usd is not null then coalesce(compared.others_usd, 0) end
        when 'rest_of_world' then greatest(compared.total_usd - months.value_usd, 0)
    end as placebo_value_usd,
    case bases.placebo_basis
        when 'other_partners' then case when compared.n_unweighed = 0 then compared.others_kg end
        when 'rest_of_world' then greatest(compared.total_kg - months.net_weight_kg, 0)
    end as placebo_net_weight_kg,
    case bases.placebo_basis
        when 'other_partners' then compared.others_weighed_usd
        when 'rest_of_world'
            then case when compared.total_kg > months.weighed_kg then compared.total_usd - months.weighed_usd end
    end as placebo_weighed_usd,
    case bases.placebo_basis
        when 'other_partners' then compared.others_weighed_kg
        when 'rest_of_world' then nullif(greatest(compared.total_kg - months.weighed_kg, 0), 0)
    end as placebo_weighed_kg
from months
left join compared
    on
        months.source_code = compared.source_code
        and months.reporter_code = compared.reporter_code
        and months.partner_code = compared.partner_code
        and months.flow = compared.flow
        and months.product_key = compared.product_key
        and months.month = compared.month
left join bases
    on
        months.source_code = bases.source_code
        and months.reporter_code = bases.reporter_code
        and months.partner_code = bases.partner_code
        and months.flow = bases.flow
        and months.product_key = bases.product_key
