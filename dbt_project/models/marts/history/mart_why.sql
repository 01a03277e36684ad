-- Grain: one fact: the figure in words, its statements before, both reports where it has two sides, and the files,
-- records and corrections behind it.
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
        columns(
            column_name -> column_name in (
                'source_code', 'period_type', 'period_start', 'period_end', 'known_from', 'known_to', 'value_raw',
                'value_status', 'basis_code', 'exporter_fact_id', 'importer_fact_id', 'value_basis', 'value_log_gap',
                'conflict_class'
            )
        )
    from {{ ref(table) }}
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
    from {{ ref('mart_revision_history') }}
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
    from {{ ref('lineage') }}
),

cited as (
    select
        lineage.fact_id,
        lineage.artifact_sha256,
        lineage.artifact_row,
        artifacts.file_name,
        artifacts.url,
        artifacts.transcription,
        count(distinct lineage.artifact_sha256) over (partition by lineage.fact_id) as n_files,
        count(*) over (partition by lineage.fact_id) as n_records
    from cited_once as lineage
    inner join {{ ref('stg_ledger__artifacts') }} as artifacts on lineage.artifact_sha256 = artifacts.artifact_sha256
),

records as (
    select * from cited
    qualify row_number() over (
        partition by fact_id
        order by artifact_row, artifact_sha256
    ) = 1
),

files as (
    select distinct
        fact_id,
        artifact_sha256
    from {{ ref('lineage') }}
),

failures as (
    {{ failed_rules_by_fact('failed_rules') }}
),

judged as (
    select
        files.fact_id,
        string_agg(distinct loads.corrections, '; ' order by loads.corrections) as corrections
    from files
    inner join {{ ref('stg_ledger__judged_loads') }} as loads on files.artifact_sha256 = loads.artifact_sha256
    group by files.fact_id
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
    records.file_name,
    records.artifact_sha256,
    records.artifact_row,
    records.url,
    records.transcription,
    judged.corrections,
    failures.failed_rules
from facts
inner join records on facts.fact_id = records.fact_id
left join judged on facts.fact_id = judged.fact_id
left join earlier on facts.fact_id = earlier.fact_id
left join failures on facts.fact_id = failures.fact_id
