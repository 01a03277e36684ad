-- Grain: one fact: the figure in words, its statements before, both reports where it has two sides, and the files,
-- records and corrections behind it. A view: it is read for one fact or a few, whose ids reach every table below.
{{ config(materialized='view') }}
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

earlier as (
    select
        later.fact_id,
        count(distinct former.fact_id) as n_earlier_statements,
        string_agg(distinct former.words, '; ' order by former.words) as earlier_statements
    from restated as later
    inner join restated as former
        on
            later.figure_id = former.figure_id
            and later.statement_number > former.statement_number
    group by later.fact_id
),

cited_once as (
    select distinct
        fact_id,
        artifact_sha256,
        artifact_row
    from {{ ref('lineage').include(database=false) }}
),

records as (
    select
        *,
        count(distinct artifact_sha256) over (partition by fact_id) as n_files,
        count(*) over (partition by fact_id) as n_records
    from cited_once
    qualify row_number() over (
        partition by fact_id
        order by artifact_row, artifact_sha256
    ) = 1
),

failures as (
    {{ failed_rules_by_fact(ref('failed_rules').include(database=false)) }}
),

corrected as (
    select
        cited.fact_id,
        string_agg(distinct checks.corrections, '; ' order by checks.corrections) as corrections
    from cited_once as cited
    inner join {{ ref('artifact_checks').include(database=false) }} as checks
        on cited.artifact_sha256 = checks.artifact_sha256
    where checks.corrections is not null
    group by cited.fact_id
)

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
    records.artifact_sha256,
    records.artifact_row,
    files.url,
    files.transcription,
    corrected.corrections,
    failures.failed_rules
from facts
inner join records on facts.fact_id = records.fact_id
inner join {{ ref('artifact_checks').include(database=false) }} as files
    on records.artifact_sha256 = files.artifact_sha256
left join corrected on facts.fact_id = corrected.fact_id
left join earlier on facts.fact_id = earlier.fact_id
left join failures on facts.fact_id = failures.fact_id
