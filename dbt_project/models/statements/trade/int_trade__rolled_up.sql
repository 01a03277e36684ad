-- Grain: one flow added up from national lines to HS6 or HS4, as one release of one partition states the lines. A sum
-- that a later release leaves as it was is no new statement. `completeness` says what proves that no line is missing:
-- the partners' sums equal the lines' printed totals (printed_total), or only that the query asked for every line
-- (query_scope).
{{ config(materialized='incremental') }}
with members as (
    select * from {{ of_years(ref('int_trade__rollup_members')) }}
),

added as (
    select
        rollup_fact_id as fact_id,
        max(source_code) as source_code,
        max(partition_name) as partition_name,
        max(edition) as edition,
        max(release) as release,
        max(known_from) as known_from,
        max(known_basis) as known_basis,
        max(load_order) as load_order,
        min(next_release_from) as next_release_from,
        max(reporter_code) as reporter_code,
        max(partner_code) as partner_code,
        max(is_partner_world) as is_partner_world,
        max(flow) as flow,
        'HS:' || max(target_code) as product_key,
        max(target_code) as hs_code,
        max(hs_revision) as hs_revision,
        max(period_type) as period_type,
        max(period_start) as period_start,
        max(period_end) as period_end,
        cast(count(*) as integer) as n_lines,
        {{ exact_sum('value_usd') }} as value_usd,
        {{ exact_sum('coalesce(value_low_usd, value_usd - coalesce(value_rounding_usd, 0))') }} as value_low_usd,
        {{ exact_sum('coalesce(value_high_usd, value_usd + coalesce(value_rounding_usd, 0))') }} as value_high_usd,
        {{ complete_sum('value_local') }} as value_local,
        max(currency_code) as currency_code,
        {{ exact_sum('value_rounding_usd') }} as value_rounding_usd,
        {{ exact_sum('value_rounding_local') }} as value_rounding_local,
        string_agg(hs_code || ': ' || value_raw, '; ' order by hs_code) as value_raw,
        case
            when bool_or(value_status = 'not_available') then 'not_available'
            when count(value_usd) = 0 then max(value_status)
            when bool_or(value_status = 'estimated') then 'estimated'
            else 'reported'
        end as value_status,
        bool_or(value_status = 'not_available') as lacks_a_value,
        case
            when bool_or(stated_in = 'usd') then 'usd'
            when bool_or(stated_in = lower(currency_code)) then lower(max(currency_code))
            when bool_or(stated_in = 'kg') then 'kg'
            else 'none'
        end as stated_in,
        case when count(distinct coalesce(basis_code, '')) = 1 then max(basis_code) end as basis_code,
        bool_or(is_revised) as is_revised,
        case
            when bool_and(net_weight_kg is not null or weight_status = 'at_most') then {{ exact_sum('net_weight_kg') }}
        end as net_weight_kg,
        {{ exact_sum('weight_rounding_kg') }} as weight_rounding_kg,
        string_agg(hs_code || ': ' || weight_raw, '; ' order by hs_code) as weight_raw,
        case
            when bool_or(net_weight_kg is null and weight_status <> 'at_most') then 'not_available'
            when count(net_weight_kg) = 0 then 'at_most'
            when bool_or(weight_status = 'estimated') then 'estimated'
            else 'reported'
        end as weight_status,
        max(valuation) as valuation,
        max(partner_basis) as partner_basis
    from members
    group by rollup_fact_id
),

identified as (
    select
        *,
        {{ flow_id() }} as flow_id,
        {{ flow_id(without=['partner', 'measure']) }} as listing_across_measures_id
    from added
),

followed as (
    select
        *,
        lead(known_from) over (
            partition by flow_id
            order by known_from, load_order
        ) as next_statement_from
    from identified
),

bounded as (
    select
        *,
        least(next_statement_from, next_release_from) as known_to
    from followed
),

-- the partners of one listing, as one release of one partition states them, beside their printed total
footed as (
    select
        partition_name,
        release,
        known_from,
        listing_across_measures_id,
        {{ exact_sum('net_weight_kg', where='not is_partner_world') }} as partners_kg,
        {{ exact_sum('net_weight_kg', where='is_partner_world') }} as printed_kg,
        {{ exact_sum('value_usd', where='not is_partner_world') }} as partners_usd,
        {{ exact_sum('value_usd', where='is_partner_world') }} as printed_usd,
        {{ exact_sum('value_rounding_usd') }} as rounding_usd,
        {{ exact_sum('weight_rounding_kg') }} as rounding_kg
    from identified
    group by partition_name, release, known_from, listing_across_measures_id
),

rolled_up as (
    select
        bounded.fact_id,
        bounded.source_code,
        bounded.edition,
        bounded.release,
        bounded.known_from,
        bounded.known_to,
        bounded.known_basis,
        bounded.load_order,
        bounded.next_release_from,
        bounded.flow_id,
        bounded.reporter_code,
        bounded.partner_code,
        bounded.is_partner_world,
        bounded.flow,
        bounded.product_key,
        bounded.hs_code,
        bounded.hs_revision,
        bounded.period_type,
        bounded.period_start,
        bounded.period_end,
        bounded.stated_in,
        case when not bounded.lacks_a_value then bounded.value_usd end as value_usd,
        case when not bounded.lacks_a_value then bounded.value_low_usd end as value_low_usd,
        case when not bounded.lacks_a_value then bounded.value_high_usd end as value_high_usd,
        bounded.value_local,
        bounded.currency_code,
        case when not bounded.lacks_a_value then bounded.value_rounding_usd end as value_rounding_usd,
        bounded.value_rounding_local,
        bounded.value_raw,
        bounded.value_status,
        bounded.basis_code,
        bounded.is_revised,
        bounded.net_weight_kg,
        bounded.weight_rounding_kg,
        bounded.weight_raw,
        bounded.weight_status,
        cast(null as double) as quantity,
        cast(null as varchar) as quantity_unit,
        bounded.valuation,
        bounded.partner_basis,
        bounded.n_lines,
        case
            when
                coalesce(abs(footed.partners_kg - footed.printed_kg) <= footed.rounding_kg + 1, false)
                or coalesce(abs(footed.partners_usd - footed.printed_usd) <= footed.rounding_usd + 1, false)
                then 'printed_total'
            else 'query_scope'
        end as completeness
    from bounded
    inner join footed
        on
            bounded.partition_name = footed.partition_name
            and bounded.release = footed.release
            and bounded.known_from = footed.known_from
            and bounded.listing_across_measures_id = footed.listing_across_measures_id
),

changed as (
    {{ unchanged_as_one('rolled_up', 'trade', ['flow_id'], also=['n_lines', 'completeness']) | indent(4) }}
),

facts as (
    select * from changed
    {{ drop_superseded_within_day(['flow_id']) | indent(4) }}
)

select
    *,
    {{ mark('fct_trade_rollup', 'is_preferred') }} as is_preferred,
    {{ ids_across_measures() | indent(4) }}
from facts
