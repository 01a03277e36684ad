-- Grain: one fact: the figure in words, its statements before, both reports where it has two sides, and the files,
-- records and corrections behind it. A view: it is read for one fact or a few, whose ids reach every table below.
{{ config(materialized='view') }}
-- noqa: disable=LT02
{%- set shown = [
    'source_code', 'period_type', 'period_start', 'period_end', 'known_from', 'known_to', 'value_raw', 'value_status',
    'basis_code', 'exporter_fact_id', 'importer_fact_id', 'value_basis', 'value_log_gap', 'conflict_class',
] %}
with facts as (
    {%- for table, about in var('facts').items() %}
    select
        '{{ table }}' as table_name,
        fact_id,
        concat_ws(
            ' ',
            {%- for column in about.key %}
            '{{ column }}=' || {{ column }}{{ "," if not loop.last }}
            {%- endfor %}
        ) as figure_key,
        concat_ws(
            '; ',
            {%- for column, figure in about.figures.items() %}
            '{{ column }} ' || {{ figure_text(column) }}
            {%- if figure.unit_from %} || ' ' || {{ figure.unit_from }}{% endif %}{{ "," if not loop.last }}
            {%- endfor %}
        ) as figures,
        -- those of them that the fact has
        columns('^({{ shown | join('|') }})$')
    from {{ ref(table).include(database=false) }}
    {%- if not loop.last %}
    union all by name
    {%- endif %}
    {%- endfor %}
),

restated as (
    select
        *,
        known_from || ' ' || coalesce(edition, release) || ': ' || figure_name || ' '
        || coalesce({{ figure_text('figure_value') }}, value_status) as words
    from {{ ref('mart_revision_history').include(database=false) }}
    where n_statements > 1
),

failures as (
    {{ failed_rules_by_fact(ref('failed_rules').include(database=false)) }}
)

-- lateral: DuckDB reads what is behind the facts that are asked for, and not behind all of them
select
    facts.table_name,
    facts.fact_id,
    facts.figure_key,
    facts.period_type,
    facts.period_start,
    facts.period_end,
    facts.figures,
    facts.value_raw,
    facts.value_status,
    facts.basis_code,
    facts.source_code,
    facts.known_from,
    facts.known_to,
    coalesce(cast(earlier.n_earlier_statements as integer), 0) as n_earlier_statements,
    earlier.earlier_statements,
    facts.exporter_fact_id,
    facts.importer_fact_id,
    facts.value_basis,
    facts.value_log_gap,
    facts.conflict_class,
    cast(records.n_files as integer) as n_files,
    cast(records.n_records as integer) as n_records,
    files.file_name,
    struct_extract(records.first_record, 'artifact_sha256') as artifact_sha256,
    struct_extract(records.first_record, 'artifact_row') as artifact_row,
    files.url,
    files.transcription,
    records.corrections,
    failures.failed_rules
from facts
left join lateral (
    select
        count(distinct lineage.artifact_sha256) as n_files,
        count(distinct concat(lineage.artifact_sha256, ' ', lineage.artifact_row)) as n_records,
        min(
            struct_pack(artifact_row := lineage.artifact_row, artifact_sha256 := lineage.artifact_sha256)
        ) as first_record,
        string_agg(distinct checks.corrections, '; ' order by checks.corrections) as corrections
    from {{ ref('lineage').include(database=false) }} as lineage
    inner join {{ ref('artifact_checks').include(database=false) }} as checks
        on lineage.artifact_sha256 = checks.artifact_sha256
    where facts.fact_id = lineage.fact_id
) as records on true
left join lateral (
    select
        count(distinct former.fact_id) as n_earlier_statements,
        string_agg(distinct former.words, '; ' order by former.words) as earlier_statements
    from restated as later
    inner join restated as former
        on
            later.figure_id = former.figure_id
            and later.statement_number > former.statement_number
    where facts.fact_id = later.fact_id
) as earlier on true
left join {{ ref('artifact_checks').include(database=false) }} as files
    on struct_extract(records.first_record, 'artifact_sha256') = files.artifact_sha256
left join failures on facts.fact_id = failures.fact_id
