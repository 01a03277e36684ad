-- Grain: one value or weight of one side of a flow between two countries: reporter, flow, product, period, figure kind.
-- Both kinds are chosen alike, each from the best statement that has one: a period that the side reports comes before
-- one added up from national lines, and that before a year built from months. "Other Asia, nes" is taken for
-- Taiwan here, and only here: Comtrade gives Taiwan's trade under that name. Other special areas have no other side.
with countries as (
    select
        area_code,
        {{ mirror_country('area_code') }} as country_code
    from {{ ref('seed_area') }}
    where
        area_type = 'country'
        or area_code = 'S19'
),

current_figures as (
    select * from {{ ref('int_trade__figures') }}
    where not is_partner_world
),

built_years as (
    select * from {{ ref('int_trade__built_years') }}
    where not is_partner_world
),

statements as (
    select
        *,
        figure_basis as period_basis,
        case figure_basis when 'reported' then 1 else 2 end as preference
    from current_figures
    union all by name
    select
        *,
        'built_from_months' as period_basis,
        3 as preference
    from built_years
),

bilateral as (
    select
        statements.*,
        case statements.flow when 'export' then reporters.country_code else partners.country_code end as exporter_code,
        case statements.flow when 'export' then partners.country_code else reporters.country_code end as importer_code,
        'S19' in (statements.reporter_code, statements.partner_code) as is_other_asia
    from statements
    inner join countries as reporters on statements.reporter_code = reporters.area_code
    inner join countries as partners on statements.partner_code = partners.area_code
    where reporters.country_code <> partners.country_code
),

-- a value counts as reported wherever it is stated; of some only the bounds are
figures as (
    select
        *,
        'value' as figure_kind,
        value_usd as figure,
        value_low_usd as figure_low,
        value_high_usd as figure_high,
        value_high_usd - value_low_usd as uncertainty,
        case when value_usd is null then 'range' else 'reported' end as figure_status
    from bilateral
    where value_high_usd is not null
    union all
    select
        *,
        'weight' as figure_kind,
        net_weight_kg as figure,
        net_weight_kg - coalesce(weight_rounding_kg, 0) as figure_low,
        net_weight_kg + coalesce(weight_rounding_kg, 0) as figure_high,
        weight_rounding_kg as uncertainty,
        weight_status as figure_status
    from bilateral
    where net_weight_kg is not null
)

select
    {{ mirror_fact_id() }} as mirror_fact_id,
    exporter_code,
    importer_code,
    flow,
    product_key,
    hs_code,
    period_type,
    period_start,
    period_end,
    figure_kind,
    fact_id,
    source_code,
    reporter_code,
    partner_code,
    period_basis,
    valuation,
    figure_status,
    figure,
    figure_low,
    figure_high,
    is_other_asia,
    known_from
from figures
qualify
    row_number() over (
        partition by exporter_code, importer_code, flow, product_key, period_type, period_start, period_end, figure_kind
        order by figure_status in ('range', 'estimated'), preference, uncertainty, source_code, fact_id
    ) = 1
