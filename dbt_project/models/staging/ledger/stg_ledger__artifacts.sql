-- Grain: one publisher's file by its bytes, as it was first known.
with source as (
    select * from {{ source('ledger', 'artifacts') }}
),

renamed as (
    select
        sha256 as artifact_sha256,
        source_code,
        name as file_name,
        layout,
        transcription,
        url
    from source
    qualify row_number() over (
        partition by sha256
        order by known_from, partition, name
    ) = 1
)

select * from renamed
