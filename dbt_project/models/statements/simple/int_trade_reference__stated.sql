-- Grain: one statement, what one release says of one reconciled flow: exporter × importer × code × period. A part of
-- the flows neither supersedes a complete statement of them nor is kept beside one. A complete statement of a
-- code and year ends what earlier releases say of it, also of flows that it no longer has: releases are partitions. A
-- flow that an edition states again as it was is no new statement.
{%- set key = feed_keys()['trade_reference'] %}
with stated as (
    {{ all_statements('trade_reference') }}
),

valid as (
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
            partition by source_code, {{ key | join(', ') }}
            order by known_from, load_order
        ) as next_statement_from
    from valid
),

complete as (
    select distinct
        source_code,
        hs_code,
        period_type,
        period_start,
        known_from
    from stated
    where coverage = 'complete'
),

followed as (
    select
        ordered.artifact_sha256,
        ordered.artifact_row,
        ordered.partition_name,
        min(complete.known_from) as next_complete_from
    from ordered
    inner join complete
        on
            ordered.source_code = complete.source_code
            and ordered.hs_code = complete.hs_code
            and ordered.period_type = complete.period_type
            and ordered.period_start = complete.period_start
            and ordered.known_from < complete.known_from
    where ordered.coverage <> 'world_total'
    group by ordered.artifact_sha256, ordered.artifact_row, ordered.partition_name
),

bounded as (
    select
        ordered.*,
        {{ fact_id(['source_code', 'edition', 'release', 'known_from'] + key + ['ordered.artifact_sha256']) }}
            as fact_id,
        least(
            ordered.next_statement_from, ordered.next_release_from, followed.next_complete_from
        ) as known_to
    from ordered
    left join followed
        on
            ordered.artifact_sha256 = followed.artifact_sha256
            and ordered.artifact_row = followed.artifact_row
            and ordered.partition_name = followed.partition_name
),

changed as (
    {{ unchanged_as_one('bounded', 'trade_reference', ['source_code', 'edition'] + key) | indent(4) }}
)

select * from changed
{{ drop_superseded_within_day(['edition'] + key) }}
