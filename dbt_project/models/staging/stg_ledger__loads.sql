-- Grain: one load, an artifact's rows in one raw table. Also says when the same partition was released next.
with source as (
    select * from {{ source('ledger', 'loads') }}
),

renamed as (
    select
        load_id,
        source_code,
        table_name,
        partition as partition_name,
        edition,
        release,
        known_from,
        known_basis,
        artifact_sha256,
        landing_sequence,
        row_number() over (order by known_from, landing_sequence, load_id) as load_order,
        lead(known_from) over (
            partition by table_name, partition
            order by known_from, landing_sequence
        ) as next_release_from
    from source
    where status = 'loaded'
)

select * from renamed
