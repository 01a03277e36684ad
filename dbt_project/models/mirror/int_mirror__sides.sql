-- Grain: one side's figures of one flow between two countries: reporter, flow, product and period. Value and weight are
-- chosen apart, each from the best figure that has one: a period the side reports comes before one added up from
-- national lines, and that before a year built from months. "Other Asia, nes" stands for Taiwan here, and only here:
-- Comtrade gives Taiwan's trade under that name. Other special areas and groups have no other side.
with countries as (
    select
        area_code,
        {{ mirror_country('area_code') }} as country_code
    from {{ ref('seed_area') }}
    where
        area_type = 'country'
        or area_code = 'S19'
),

built as (
    select
        cast(null as varchar) as fact_id,
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        hs_code,
        'calendar_year' as period_type,
        make_date(year, 1, 1) as period_start,
        make_date(year, 12, 31) as period_end,
        value_usd,
        value_low_usd,
        value_high_usd,
        net_weight_kg,
        weight_rounding_kg,
        weight_status,
        valuation,
        known_from,
        'built_from_months' as period_basis,
        3 as preference
    from {{ ref('int_trade__built_years') }}
),

figures as (
    select
        fact_id,
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        hs_code,
        period_type,
        period_start,
        period_end,
        value_usd,
        value_low_usd,
        value_high_usd,
        net_weight_kg,
        weight_rounding_kg,
        weight_status,
        valuation,
        known_from,
        figure_basis as period_basis,
        case figure_basis when 'reported' then 1 else 2 end as preference
    from {{ ref('int_trade__figures') }}
    where not is_partner_world
    union all
    select * from built
),

bilateral as (
    select
        figures.*,
        case figures.flow when 'export' then reporters.country_code else partners.country_code end as exporter_code,
        case figures.flow when 'export' then partners.country_code else reporters.country_code end as importer_code,
        'S19' in (figures.reporter_code, figures.partner_code) as is_other_asia
    from figures
    inner join countries as reporters on figures.reporter_code = reporters.area_code
    inner join countries as partners on figures.partner_code = partners.area_code
    where reporters.country_code <> partners.country_code
),

valued as (
    select * from bilateral
    where value_high_usd is not null
    qualify row_number() over (
        partition by exporter_code, importer_code, flow, product_key, period_type, period_start, period_end
        order by value_usd is null, preference, value_high_usd - value_low_usd, source_code, fact_id
    ) = 1
),

weighed as (
    select * from bilateral
    where net_weight_kg is not null
    qualify row_number() over (
        partition by exporter_code, importer_code, flow, product_key, period_type, period_start, period_end
        order by weight_status = 'estimated', preference, weight_rounding_kg, source_code, fact_id
    ) = 1
)

select
    coalesce(valued.exporter_code, weighed.exporter_code) as exporter_code,
    coalesce(valued.importer_code, weighed.importer_code) as importer_code,
    coalesce(valued.flow, weighed.flow) as flow,
    coalesce(valued.product_key, weighed.product_key) as product_key,
    coalesce(valued.hs_code, weighed.hs_code) as hs_code,
    coalesce(valued.period_type, weighed.period_type) as period_type,
    coalesce(valued.period_start, weighed.period_start) as period_start,
    coalesce(valued.period_end, weighed.period_end) as period_end,
    valued.fact_id,
    valued.source_code,
    valued.period_basis,
    valued.valuation,
    valued.value_usd,
    valued.value_low_usd,
    valued.value_high_usd,
    weighed.fact_id as weight_fact_id,
    weighed.source_code as weight_source_code,
    weighed.period_basis as weight_period_basis,
    weighed.net_weight_kg,
    weighed.net_weight_kg - coalesce(weighed.weight_rounding_kg, 0) as weight_low_kg,
    weighed.net_weight_kg + coalesce(weighed.weight_rounding_kg, 0) as weight_high_kg,
    coalesce(weighed.weight_status, 'not_available') as weight_status,
    coalesce(valued.is_other_asia, false) or coalesce(weighed.is_other_asia, false) as is_other_asia,
    greatest(
        coalesce(valued.known_from, weighed.known_from), coalesce(weighed.known_from, valued.known_from)
    ) as known_from
from valued
full outer join weighed
    on
        valued.exporter_code = weighed.exporter_code
        and valued.importer_code = weighed.importer_code
        and valued.flow = weighed.flow
        and valued.product_key = weighed.product_key
        and valued.period_type = weighed.period_type
        and valued.period_start = weighed.period_start
        and valued.period_end = weighed.period_end
