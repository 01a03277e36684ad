-- Grain: one statement, what one release says of one reconciled flow: exporter × importer × code × period. A part of
-- the flows never takes the place of a complete statement of them, nor stands beside one.
with stated as (
    {{ all_statements('trade_reference') }}
),

standing as (
    select partial_or_whole.*
    from stated as partial_or_whole
    left join stated as whole
        on
            partial_or_whole.coverage = 'partial'
            and whole.coverage = 'complete'
            and partial_or_whole.source_code = whole.source_code
            and partial_or_whole.exporter_code = whole.exporter_code
            and partial_or_whole.importer_code = whole.importer_code
            and partial_or_whole.hs_code = whole.hs_code
            and partial_or_whole.period_start = whole.period_start
            and whole.known_from <= partial_or_whole.known_from
            and coalesce(whole.next_release_from > partial_or_whole.known_from, true)
    where whole.source_code is null
),

ordered as (
    select
        *,
        lead(known_from) over (
            partition by source_code, exporter_code, importer_code, hs_code, period_type, period_start
            order by known_from, load_order
        ) as next_statement_from
    from standing
),

bounded as (
    select
        *,
        {{ fact_id([
            'source_code', 'edition', 'release', 'known_from', 'exporter_code', 'importer_code', 'hs_code',
            'period_type', 'period_start', 'artifact_sha256',
        ]) }} as fact_id,
        least(next_statement_from, next_release_from) as known_to
    from ordered
)

select * from bounded
where
    known_to is null
    or known_to > known_from
