-- Grain: one statement: what one release of one layout says of one flow. A flow that its publisher prints in parts
-- (by trade mode, or in several records of one line) is their sum. A part of 0, or of less than half of the last digit,
-- adds nothing but its rounding; where a part has no value or weight the sum has none. A view: few flows are printed in
-- parts, and the others are the rows themselves.
{{ config(materialized='view', meta={'year_column': 'period_start'}) }}
with whole as (
    select
        fact_id,
        source_code,
        partition_name,
        edition,
        release,
        known_from,
        known_basis,
        load_order,
        next_release_from,
        artifact_sha256,
        artifact_row,
        layout_rank,
        reporter_code,
        partner_code,
        is_partner_world,
        flow,
        hs_code,
        code_country,
        scope_code,
        product_key,
        flow_id,
        listing_id,
        flow_across_sources_id,
        stated_in,
        hs_revision,
        period_type,
        period_start,
        period_end,
        value_usd,
        value_low_usd,
        value_high_usd,
        value_local,
        currency_code,
        value_rounding_usd,
        value_rounding_local,
        value_raw,
        value_status,
        basis_code,
        is_revised,
        net_weight_kg,
        weight_rounding_kg,
        weight_raw,
        weight_status,
        quantity,
        quantity_unit,
        valuation,
        partner_basis
    from {{ ref('int_trade__rows') }}
    where part_label is null
),

added as (
    select
        fact_id,
        max(source_code) as source_code,
        max(partition_name) as partition_name,
        max(edition) as edition,
        max(release) as release,
        max(known_from) as known_from,
        max(known_basis) as known_basis,
        max(load_order) as load_order,
        max(next_release_from) as next_release_from,
        max(artifact_sha256) as artifact_sha256,
        min(artifact_row) as artifact_row,
        max(layout_rank) as layout_rank,
        max(reporter_code) as reporter_code,
        max(partner_code) as partner_code,
        max(is_partner_world) as is_partner_world,
        max(flow) as flow,
        max(hs_code) as hs_code,
        max(code_country) as code_country,
        max(scope_code) as scope_code,
        max(product_key) as product_key,
        max(flow_id) as flow_id,
        max(listing_id) as listing_id,
        max(flow_across_sources_id) as flow_across_sources_id,
        max(stated_in) as stated_in,
        max(hs_revision) as hs_revision,
        max(period_type) as period_type,
        period_start,
        max(period_end) as period_end,
        case
            when bool_and(value_usd is not null or value_status = 'at_most') then {{ exact_sum('value_usd') }}
        end as value_usd,
        {{ complete_sum('value_low_usd') }} as value_low_usd,
        {{ complete_sum('value_high_usd') }} as value_high_usd,
        case
            when bool_and(value_local is not null or value_status = 'at_most') then {{ exact_sum('value_local') }}
        end as value_local,
        max(currency_code) as currency_code,
        {{ exact_sum('value_rounding_usd') }} as value_rounding_usd,
        {{ exact_sum('value_rounding_local') }} as value_rounding_local,
        string_agg(value_raw, ' + ' order by artifact_row) as value_raw,
        case
            when count(distinct value_status) = 1 then max(value_status)
            when bool_or(value_status = 'withheld') then 'withheld'
            when bool_or(value_status = 'not_available') then 'not_available'
            when bool_or(value_status = 'estimated') then 'estimated'
            else 'reported'
        end as value_status,
        max(basis_code) as basis_code,
        bool_or(is_revised) as is_revised,
        case
            when bool_and(net_weight_kg is not null or weight_status in ('at_most', 'zero'))
                then {{ exact_sum('net_weight_kg') }}
        end as net_weight_kg,
        {{ exact_sum('weight_rounding_kg') }} as weight_rounding_kg,
        string_agg(weight_raw, ' + ' order by artifact_row) as weight_raw,
        case
            when count(distinct weight_status) = 1 then max(weight_status)
            when bool_or(weight_status = 'withheld') then 'withheld'
            when bool_or(weight_status = 'not_available') then 'not_available'
            when count(net_weight_kg) = 0 then 'at_most'
            when bool_or(weight_status = 'estimated') then 'estimated'
            else 'reported'
        end as weight_status,
        {{ complete_sum('quantity') }} as quantity,
        max(quantity_unit) as quantity_unit,
        max(valuation) as valuation,
        max(partner_basis) as partner_basis
    from {{ ref('int_trade__rows') }}
    where part_label is not null
    group by fact_id, period_start
)

select * from whole
union all
select * from added
