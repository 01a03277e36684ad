-- Grain: one row, the day that the release ends at.
with source as (
    select * from {{ source('ledger', 'as_of') }}
)

select as_of_day from source
