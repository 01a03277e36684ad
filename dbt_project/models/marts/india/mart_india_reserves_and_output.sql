-- Grain: one edition from a day on which it changed: India's reserves against its mine production of the newest year
-- it prints. Of several editions, or of several releases of one, of the same year the last is marked.
with india as (
    select * from {{ ref('mart_share_by_edition') }}
    where
        country_code = 'IND'
        and source_code in (select reserves.source_code from {{ ref('fct_reserves') }} as reserves)
),

production as (
    select * from india
    where measure = 'production'
    qualify row_number() over (partition by source_code, edition, known_from order by year desc) = 1
),

reserves as (
    select * from india
    where measure = 'reserves'
)

select
    production.source_code,
    production.edition,
    production.release,
    production.known_from,
    row_number() over (
        partition by production.source_code, production.year
        order by production.known_from desc, production.edition desc
    ) = 1 as is_latest,
    {{ calendar_year_columns('production.year') }},
    production.year as production_year,
    production.value_t_reo as production_t_reo,
    production.value_status as production_status,
    production.share_of_countries as share_of_production,
    production.is_circular,
    reserves.year as reserves_year,
    reserves.value_t_reo as reserves_t_reo,
    coalesce(reserves.value_status, 'not_available') as reserves_status,
    reserves.reason_code as reserves_reason_code,
    reserves.share_of_countries as share_of_reserves,
    {{ settled('reserves.value_t_reo / nullif(production.value_t_reo, 0)') }} as reserve_life_years
from production
left join reserves
    on
        production.source_code = reserves.source_code
        and production.edition = reserves.edition
        and production.known_from = reserves.known_from
