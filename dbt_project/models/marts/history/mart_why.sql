-- Grain: one fact: the figure in words, its statements before, both reports where it has two sides, and the files,
-- records, corrections and checks behind it.
with facts as (
    {%- for table, about in explained_facts().items() %}
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
            {%- for column in about.figures %}
            '{{ column }} ' || {{ figure_text(column) }}
            {%- if column == 'value_local' %} || ' ' || currency_code{% endif %}{{ "," if not loop.last }}
            {%- endfor %}
        ) as figures,
        {%- if table == 'fct_trade_mirror' %}
        cast(null as varchar) as source_code,
        cast(null as varchar) as value_raw,
        cast(null as varchar) as value_status,
        cast(null as varchar) as basis_code,
        known_from,
        cast(null as date) as known_to,
        exporter_fact_id,
        importer_fact_id,
        value_basis,
        value_log_gap,
        conflict_class
        {%- else %}
        source_code,
        value_raw,
        value_status,
        {{ 'cast(null as varchar) as basis_code' if table == 'fct_trade_reference' else 'basis_code' }},
        known_from,
        known_to,
        cast(null as varchar) as exporter_fact_id,
        cast(null as varchar) as importer_fact_id,
        cast(null as varchar) as value_basis,
        cast(null as double) as value_log_gap,
        cast(null as varchar) as conflict_class
        {%- endif %}
    from {{ ref(table) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

said as (
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
    from said as later
    inner join said as former
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

judged as (
    select
        files.fact_id,
        string_agg(distinct loads.corrections, '; ' order by loads.corrections) as corrections,
        max(loads.n_checks_passed) as n_checks_passed,
        string_agg(distinct loads.checks_warned, '; ' order by loads.checks_warned) as checks_warned
    from files
    inner join {{ ref('stg_ledger__judged_loads') }} as loads on files.artifact_sha256 = loads.artifact_sha256
    group by files.fact_id
)

select
    facts.table_name,
    facts.fact_id,
    facts.figure_key,
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
    coalesce(cast(judged.n_checks_passed as integer), 0) as n_checks_passed,
    judged.checks_warned
from facts
inner join records on facts.fact_id = records.fact_id
left join judged on facts.fact_id = judged.fact_id
left join earlier on facts.fact_id = earlier.fact_id
