-- Grain: one year of China: what is known of how much it processes, which no publisher states of all rare earths. The
-- smelting and separation quota is a ceiling; imports of compounds are feed beside its own mines (gross weight); the
-- IEA's shares are of magnet rare earths alone.
-- noqa: disable=LT02
with quotas as (
    select
        country_code,
        year,
        max(quota_t_reo) as smelting_quota_t_reo,
        max(value_status) as smelting_quota_status
    from {{ ref('fct_quota') }}
    where
        is_latest
        and batch = 'year'
        and earths = 'all'
        and quota_type = 'smelting_separation'
    group by country_code, year
),

feed_totals as (
    select
        reporter_code as country_code,
        cast(year(period_start) as integer) as year,
        value_usd,
        net_weight_kg
    from {{ ref('fct_trade_total') }}
    where
        is_latest
        and is_preferred
        and reporter_code = 'CHN'
        and flow = 'import'
        and product_key = '{{ var("processing_feed") }}'
        and period_type = 'calendar_year'
),

feed_estimates as (
    select
        reporter_code as country_code,
        cast(year(period_start) as integer) as year,
        {{ exact_sum('net_weight_kg') }} as estimated_kg
    from {{ ref('fct_trade_flow') }}
    where
        is_latest
        and is_preferred
        and reporter_code = 'CHN'
        and flow = 'import'
        and product_key = '{{ var("processing_feed") }}'
        and period_type = 'calendar_year'
        and weight_status = 'estimated'
    group by reporter_code, year(period_start)
),

outlooks as (
    select
        'CHN' as country_code,
        year,
        edition,
        {%- for measure in ['refining', 'mining'] %}
        max(outlook_t) filter (where outlook_measure = '{{ measure }}' and country_code = 'CHN')
        / nullif(max(outlook_t) filter (where outlook_measure = '{{ measure }}' and scope = 'world'), 0)
            as {{ measure }}_share,
        {%- endfor %}
        row_number() over (partition by year order by max(known_from) desc, edition desc) as edition_rank
    from {{ ref('fct_outlook') }}
    where
        is_latest
        and not is_forward
        and element_scope = 'magnet_rare_earths'
    group by year, edition
),

production as (
    select * from {{ ref('mart_production_by_year') }}
),

years as (
    select
        country_code,
        year
    from quotas
    union
    select
        country_code,
        year
    from feed_totals
    union
    select
        country_code,
        year
    from outlooks
),

published as (
    select
        years.country_code,
        {{ calendar_year_columns('years.year') }},
        years.year,
        quotas.smelting_quota_t_reo,
        quotas.smelting_quota_status,
        production.production_t_reo as mine_production_t_reo,
        production.production_status,
        production.basis_code as production_basis_code,
        feed_totals.value_usd as compound_imports_usd,
        feed_totals.net_weight_kg as compound_imports_kg,
        case
            when feed_totals.net_weight_kg is not null
                then least(coalesce(feed_estimates.estimated_kg, 0), feed_totals.net_weight_kg)
        end as compound_imports_estimated_kg,
        {{ settled('outlooks.refining_share') }} as magnet_refining_share,
        {{ settled('outlooks.mining_share') }} as magnet_mining_share,
        outlooks.edition as magnet_share_edition
    from years
    left join quotas
        on
            years.country_code = quotas.country_code
            and years.year = quotas.year
    left join feed_totals
        on
            years.country_code = feed_totals.country_code
            and years.year = feed_totals.year
    left join feed_estimates
        on
            years.country_code = feed_estimates.country_code
            and years.year = feed_estimates.year
    left join outlooks
        on
            years.country_code = outlooks.country_code
            and years.year = outlooks.year
            and outlooks.edition_rank = 1
    left join production
        on
            years.country_code = production.country_code
            and years.year = production.year
)

{{ named('published', ['country_code']) }}
