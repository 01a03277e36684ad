-- Grain: one year of China: the smelting and separation quota as a labelled proxy of processed output, which no
-- publisher here states, beside the mining quota and mine production.
with quotas as (
    select
        country_code,
        year,
        max(quota_t_reo) filter (where quota_type = 'smelting_separation') as smelting_quota_t_reo,
        max(value_status) filter (where quota_type = 'smelting_separation') as smelting_quota_status,
        max(quota_t_reo) filter (where quota_type = 'mining') as mining_quota_t_reo,
        max(value_status) filter (where quota_type = 'mining') as mining_quota_status
    from {{ ref('fct_quota') }}
    where
        is_latest
        and batch = 'year'
        and earths = 'all'
    group by country_code, year
),

production as (
    select * from {{ ref('fct_production') }}
    where is_preferred
),

published as (
    select
        quotas.country_code,
        {{ calendar_year_columns('quotas.year') }},
        quotas.year,
        quotas.smelting_quota_t_reo as processed_output_proxy_t_reo,
        case when quotas.smelting_quota_t_reo is not null then 'smelting_separation_quota' else 'none' end
            as proxy_basis,
        quotas.smelting_quota_status as proxy_status,
        quotas.mining_quota_t_reo,
        quotas.mining_quota_status,
        {{ settled('quotas.smelting_quota_t_reo / nullif(quotas.mining_quota_t_reo, 0)') }} as smelting_to_mining_quota,
        production.production_t_reo as mine_production_t_reo,
        production.value_status as production_status,
        production.edition as production_edition,
        production.basis_code as production_basis_code
    from quotas
    left join production
        on
            quotas.country_code = production.country_code
            and quotas.year = production.year
)

{{ named('published', ['country_code']) }}
