-- Grain: one value or weight of one side of a flow between two countries: reporter, flow, product, period, figure kind.
-- Both kinds are chosen alike, each from the best statement that has one: a period that the side reports comes before
-- one added up from national lines, and that before a year built from months. Most sides have one statement, and
-- nothing is chosen. "Other Asia, nes" is taken for Taiwan here, and only here: Comtrade gives Taiwan's trade under
-- that name. Other special areas have no other side.
{{ config(materialized='incremental') }}
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
    select * from {{ of_years(ref('int_trade__figures')) }}
    where not is_partner_world
),

built_years as (
    select * from {{ of_years(ref('int_trade__built_years')) }}
    where not is_partner_world
),

statements as (
    {%- set columns = [
        'fact_id', 'source_code', 'reporter_code', 'partner_code', 'flow', 'product_key', 'hs_code', 'period_type',
        'period_start', 'period_end', 'valuation', 'value_usd', 'value_low_usd', 'value_high_usd', 'net_weight_kg',
        'weight_rounding_kg', 'weight_status', 'known_from',
    ] %}
    select
        {{ columns | join(',\n        ') }},
        figure_basis as period_basis,
        case figure_basis when 'reported' then 1 else 2 end as preference
    from current_figures
    union all by name
    select
        {{ columns | reject('equalto', 'fact_id') | join(',\n        ') }},
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

identified as (
    select
        *,
        {{ mirror_fact_id() }} as mirror_fact_id
    from bilateral
),

stated_again as (
    select
        mirror_fact_id,
        flow
    from identified
    group by mirror_fact_id, flow
    having count(*) > 1
),

figure_kinds as (
    select unnest({{ var('closed_lists')['figure_kind'] }}) as figure_kind
),

-- a value counts as reported wherever it is stated; of some only the bounds are
figures as (
    select
        identified.*,
        stated_again.flow is not null as is_stated_again,
        figure_kinds.figure_kind,
        case figure_kinds.figure_kind when 'value' then identified.value_usd else identified.net_weight_kg end
            as figure,
        case figure_kinds.figure_kind
            when 'value' then identified.value_low_usd
            else identified.net_weight_kg - coalesce(identified.weight_rounding_kg, 0)
        end as figure_low,
        case figure_kinds.figure_kind
            when 'value' then identified.value_high_usd
            else identified.net_weight_kg + coalesce(identified.weight_rounding_kg, 0)
        end as figure_high,
        case figure_kinds.figure_kind
            when 'value' then identified.value_high_usd - identified.value_low_usd
            else identified.weight_rounding_kg
        end as uncertainty,
        case
            when figure_kinds.figure_kind = 'weight' then identified.weight_status
            when identified.value_usd is null then 'range'
            else 'reported'
        end as figure_status
    from identified
    cross join figure_kinds
    left join stated_again
        on
            identified.mirror_fact_id = stated_again.mirror_fact_id
            and identified.flow = stated_again.flow
    where
        case figure_kinds.figure_kind when 'value' then identified.value_high_usd else identified.net_weight_kg end
        is not null
),

chosen as (
    select * from figures
    where is_stated_again
    qualify
        row_number() over (
            partition by mirror_fact_id, flow, figure_kind
            order by figure_status in ('range', 'estimated'), preference, uncertainty, source_code, fact_id
        ) = 1
),

each_side as (
    select * from figures
    where not is_stated_again
    union all
    select * from chosen
)

select
    mirror_fact_id,
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
from each_side
