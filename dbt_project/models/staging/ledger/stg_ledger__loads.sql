-- Grain: one statement of a publisher that is active, a load of an artifact's rows in one raw table, with the day on
-- which its partition was released next. A statement that was landed again later on the same terms is left out; one
-- that says what the one before it says is here, and its rows are no new statements (macro unchanged_as_one).
-- Releases of one day and name are distinguished by a number. Statements known after the day that the release ends at
-- are left out, but for lists whose rows have days of their own (macro known_from_their_notice).
with source as (
    select * from {{ source('ledger', 'loads') }}
    where
        status = 'loaded'
        and (
            known_from <= (select as_of.as_of_day from {{ source('ledger', 'as_of') }} as as_of)
            or table_name in ({{ quoted(tables_of_notices()) }})
        )
),

latest_landing as (
    select *
    from source
    qualify row_number() over (
        partition by table_name, partition, artifact_sha256, statement
        order by landing_sequence desc
    ) = 1
),

numbered as (
    select
        *,
        row_number() over (
            partition by table_name, partition, release, known_from
            order by landing_sequence
        ) as of_its_day
    from latest_landing
),

renamed as (
    select
        load_id,
        source_code,
        table_name,
        partition as partition_name,
        edition,
        release || case when of_its_day > 1 then ' (' || of_its_day || ')' else '' end as release,
        known_from,
        known_basis,
        artifact_sha256,
        landing_sequence,
        row_number() over (order by known_from, landing_sequence, load_id) as load_order,
        lead(known_from) over (
            partition by table_name, partition
            order by known_from, landing_sequence
        ) as next_release_from
    from numbered
)

select * from renamed
