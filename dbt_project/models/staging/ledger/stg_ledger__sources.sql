-- Grain: one publisher's data set, as its source.toml describes it.
with source as (
    select * from {{ source('ledger', 'sources') }}
),

renamed as (
    select
        code as source_code,
        publisher,
        title,
        licence,
        redistribution,
        citation,
        url,
        cadence,
        measures,
        fresh_for_days
    from source
)

select * from renamed
