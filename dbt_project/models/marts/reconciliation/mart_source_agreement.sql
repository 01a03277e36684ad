-- Grain: one flow × two sources that state its value for one reporter: both values, both totals of all partners, and
-- what kind of difference it is. Where the totals agree and a partner does not, the sources agree on the trade and
-- not on whom it was with: one names origins, the other countries of consignment, or they correct partners apart.
{{ config(materialized='incremental') }}
with figures as (
    select
        *,
        {{ flow_id(without=['source', 'measure']) }} as flow_across_sources_id,
        {{ flow_id(without=['source', 'partner', 'measure']) }} as listing_across_sources_id
    from {{ of_years(ref('int_trade__figures')) }}
    where
        figure_basis = 'reported'
        and value_high_usd is not null
),

pairs as (
    select
        figures.fact_id,
        other.fact_id as other_fact_id,
        figures.source_code,
        other.source_code as other_source_code,
        figures.listing_across_sources_id,
        figures.is_partner_world,
        figures.reporter_code,
        figures.partner_code,
        figures.flow,
        figures.product_key,
        figures.period_type,
        figures.period_start,
        figures.period_end,
        figures.value_usd,
        other.value_usd as other_value_usd,
        coalesce(figures.value_rounding_usd, 0) + coalesce(other.value_rounding_usd, 0) as value_tolerance_usd,
        -- two roundings of one value overlap; those of 0.29 and 0.30 only touch
        coalesce(not {{ differs('figures.value_usd', 'other.value_usd') }}, false)
        or (
            {{ exceeds('other.value_high_usd', 'figures.value_low_usd') }}
            and {{ exceeds('figures.value_high_usd', 'other.value_low_usd') }}
        ) as is_value_agreed
    from figures
    inner join figures as other
        on
            figures.flow_across_sources_id = other.flow_across_sources_id
            and figures.source_code < other.source_code
),

totals as (
    select * from pairs
    where is_partner_world
),

judged as (
    select
        pairs.fact_id,
        pairs.other_fact_id,
        pairs.source_code,
        pairs.other_source_code,
        pairs.reporter_code,
        pairs.partner_code,
        pairs.flow,
        pairs.product_key,
        pairs.period_type,
        pairs.period_start,
        pairs.period_end,
        pairs.value_usd,
        pairs.other_value_usd,
        pairs.value_tolerance_usd,
        pairs.is_value_agreed,
        totals.value_usd as total_usd,
        totals.other_value_usd as other_total_usd,
        totals.is_value_agreed as is_total_agreed,
        case
            when pairs.is_value_agreed then 'none'
            when totals.is_value_agreed is null then 'undetermined'
            when totals.is_value_agreed then 'partner_attribution'
            else 'total'
        end as difference_kind
    from pairs
    left join totals
        on
            pairs.listing_across_sources_id = totals.listing_across_sources_id
            and pairs.source_code = totals.source_code
            and pairs.other_source_code = totals.other_source_code
)

{{ named('judged', ['reporter_code', 'partner_code']) }}
