-- Grain: one measured cell of one release of one edition's rare-earth world table.
with source as (
    select * from {{ source('raw', 'usgs_mcs__world') }}
),

loads as (
    select * from {{ ref('stg_ledger__loads') }}
),

renamed as (
    select
        {{ release_columns() }},
        source.artifact_row,
        source.measure,
        source.scope,
        source.country_code,
        source.year,
        source.series,
        source.value_t,
        source.value_low_t,
        source.value_high_t,
        source.value_raw,
        source.value_status,
        source.basis_code,
        source.is_revised
    from source
    inner join loads on source.load_id = loads.load_id
)

select * from renamed
