-- Grain: one rule that one current figure of trade fails, and the other figure where the rule compares two of them.
-- Both of the two fail it: which is wrong is not known. A code above its heading contradicts it within one publisher;
-- of two publishers each names partners in its own way.
{{ config(materialized='incremental') }}
{%- set limits = var('failed_rules') %}
with figures as (
    select * from {{ of_years(ref('int_trade__figures')) }}
    where
        figure_basis = 'reported'
        or not is_partner_world
),

reported as (
    select * from {{ of_years(ref('int_trade__resolved')) }}
    where known_to is null
),

nested as (
    select
        child.fact_id as child_fact_id,
        parent.fact_id as parent_fact_id,
        child.product_key as child_key,
        parent.product_key as parent_key,
        child.source_code as child_source_code,
        parent.source_code as parent_source_code,
        child.value_usd as child_usd,
        parent.value_usd as parent_usd,
        own.value_usd as own_parent_usd,
        case when child.period_type = 'month' then ' of ' || strftime(child.period_start, '%Y-%m') else '' end
            as of_month,
        child.value_usd / nullif(parent.value_usd, 0) as times
    from figures as child
    inner join figures as parent
        on
            child.reporter_code = parent.reporter_code
            and child.partner_code = parent.partner_code
            and child.flow = parent.flow
            and child.valuation = parent.valuation
            and child.period_type = parent.period_type
            and child.period_start = parent.period_start
            and child.period_end = parent.period_end
            and starts_with(child.hs_code, parent.hs_code)
            and length(child.hs_code) > length(parent.hs_code)
    left join figures as own
        on
            child.source_code <> parent.source_code
            and child.source_code = own.source_code
            and child.reporter_code = own.reporter_code
            and child.partner_code = own.partner_code
            and child.flow = own.flow
            and child.valuation = own.valuation
            and child.period_type = own.period_type
            and child.period_start = own.period_start
            and child.period_end = own.period_end
            and parent.product_key = own.product_key
            and own.figure_basis = 'reported'
            and own.value_usd is not null
    where {{ exceeds(
        'child.value_usd - coalesce(child.value_rounding_usd, 0)',
        'parent.value_usd + coalesce(parent.value_rounding_usd, 0)',
    ) }}
),

nesting as (
    select
        *,
        case when child_source_code = parent_source_code then 'contradiction' else 'attribution_gap' end
            as failure_kind,
        case
            when child_source_code = parent_source_code then 'no_child_code_exceeds_its_parent'
            else 'no_child_code_exceeds_another_publishers_parent'
        end as rule
    from nested
),

nested_sides as (
    select
        child_fact_id as fact_id,
        rule,
        failure_kind,
        parent_fact_id as other_fact_id,
        times,
        concat(
            {{ two_decimals('times') }}, ' times ', parent_source_code, '''s ', parent_key, of_month, ' (',
            {{ thousands('parent_usd') }}, ' US$), which holds it',
            '; ' || child_source_code || '''s own ' || parent_key || ' has ' || {{ thousands('own_parent_usd') }}
            || ' US$'
        ) as words
    from nesting
    union all
    select
        parent_fact_id as fact_id,
        rule,
        failure_kind,
        child_fact_id as other_fact_id,
        1 / times as times,
        concat(
            'less than ', child_source_code, '''s ', child_key, of_month, ' (', {{ thousands('child_usd') }},
            ' US$), which it holds'
        ) as words
    from nesting
),

odd_weights as (
    select * from {{ of_years(ref('int_trade__odd_weights')) }}
),

listings as (
    select
        listing_id,
        period_type,
        count(*) filter (where not is_partner_world) as n_partners,
        bool_or(weight_status <> 'reported') as has_other_weights,
        max(case when is_partner_world then fact_id end) as fact_id,
        {{ exact_sum('value_usd', where='not is_partner_world') }} as partners_usd,
        {{ exact_sum('value_usd', where='is_partner_world') }} as total_usd,
        {{ exact_sum('value_rounding_usd') }} as rounding_usd,
        {{ exact_sum('net_weight_kg', where='not is_partner_world') }} as partners_kg,
        {{ exact_sum('net_weight_kg', where='is_partner_world') }} as total_kg,
        {{ exact_sum('weight_rounding_kg') }} as rounding_kg
    from reported
    where not ({{ lists_some_partners() }})
    group by listing_id, period_type
    having
        n_partners > 1
        and period_type <> 'fiscal_year'
),

sums as (
    select
        fact_id,
        'partners_and_their_total_agree' as rule,
        partners_usd as partners,
        total_usd as total,
        'US$' as unit,
        coalesce(rounding_usd, 0) as rounding
    from listings
    union all
    select
        fact_id,
        'weights_of_partners_add_up_to_their_total' as rule,
        partners_kg as partners,
        total_kg as total,
        'kg' as unit,
        coalesce(rounding_kg, 0) as rounding
    from listings
    where not has_other_weights
),

totals as (
    select
        fact_id,
        rule,
        'contradiction' as failure_kind,
        cast(null as varchar) as other_fact_id,
        total / nullif(partners, 0) as times,
        concat('its partners add up to ', {{ thousands('partners') }}, ' ', unit) as words
    from sums
    where {{ exceeds('abs(partners - total)', limits.partners_within ~ ' * total + rounding + 1') }}
),

layouts as (
    select
        fact_id,
        'two_layouts_of_one_flow_agree' as rule,
        'contradiction' as failure_kind,
        cast(null as varchar) as other_fact_id,
        case when count(*) = 1 then max(value_usd / nullif(other_value_usd, 0)) end as times,
        string_agg(
            concat(
                'another layout of ', source_code, ' says ', {{ thousands('other_value_usd') }}, ' US$',
                ' and ' || {{ thousands('other_net_weight_kg') }} || ' kg'
            ), '; ' order by other_layout_rank
        ) as words
    from {{ of_years(ref('int_trade__layout_pairs')) }}
    where
        not is_value_agreed
        or not is_weight_agreed
    group by fact_id
),

added_up as (
    select
        rolled.fact_id,
        heading.fact_id as heading_fact_id,
        rolled.value_usd as rolled_usd,
        heading.value_usd as heading_usd
    from figures as rolled
    inner join figures as heading
        on
            rolled.source_code = heading.source_code
            and rolled.reporter_code = heading.reporter_code
            and rolled.partner_code = heading.partner_code
            and rolled.flow = heading.flow
            and rolled.product_key = heading.product_key
            and rolled.period_type = heading.period_type
            and rolled.period_start = heading.period_start
            and rolled.period_end = heading.period_end
    where
        rolled.figure_basis = 'rolled_up'
        and heading.figure_basis = 'reported'
        and {{ exceeds(
            'abs(rolled.value_usd - heading.value_usd)',
            'rolled.value_rounding_usd + heading.value_rounding_usd + '
            ~ limits.heading_within ~ ' * heading.value_usd',
        ) }}
),

headings as (
    select
        fact_id,
        'added_up_lines_agree_with_the_same_publishers_own_heading' as rule,
        'contradiction' as failure_kind,
        heading_fact_id as other_fact_id,
        rolled_usd / nullif(heading_usd, 0) as times,
        concat('the publisher prints ', {{ thousands('heading_usd') }}, ' US$ for the code') as words
    from added_up
    union all
    select
        heading_fact_id as fact_id,
        'added_up_lines_agree_with_the_same_publishers_own_heading' as rule,
        'contradiction' as failure_kind,
        fact_id as other_fact_id,
        heading_usd / nullif(rolled_usd, 0) as times,
        concat('its national lines add up to ', {{ thousands('rolled_usd') }}, ' US$') as words
    from added_up
),

judged_rows as (
    select
        trade_rows.fact_id,
        failed_rows.rule,
        trade_rows.product_key
    from {{ ref('stg_ledger__failed_rows') }} as failed_rows
    inner join {{ of_years(ref('int_trade__rows')) }} as trade_rows
        on
            failed_rows.artifact_sha256 = trade_rows.artifact_sha256
            and failed_rows.artifact_row = trade_rows.artifact_row
),

before_loading as (
    select
        fact_id,
        rule,
        'implausible' as failure_kind,
        cast(null as varchar) as other_fact_id,
        cast(null as double) as times,
        'judged before it was loaded (meta.validation_results)' as words
    from judged_rows
    union
    select
        members.rollup_fact_id as fact_id,
        judged_rows.rule,
        'implausible' as failure_kind,
        judged_rows.fact_id as other_fact_id,
        cast(null as double) as times,
        concat('its line ', judged_rows.product_key, ' was judged before it was loaded') as words
    from judged_rows
    inner join {{ of_years(ref('int_trade__rollup_members')) }} as members on judged_rows.fact_id = members.fact_id
),

failed as (
    select * from nested_sides
    union all by name
    select * exclude (period_start) from odd_weights
    union all by name
    select * from totals
    union all by name
    select * from layouts
    union all by name
    select * from headings
    union all by name
    select * from before_loading
)

select
    failed.fact_id,
    figures.period_start,
    failed.rule,
    failed.failure_kind,
    failed.other_fact_id,
    {{ settled('failed.times') }} as times,
    failed.words
from failed
inner join figures on failed.fact_id = figures.fact_id
