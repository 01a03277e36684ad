{# The columns of a release, which `stage` adds to every feed. #}
{% macro release_columns() -%}
    {{ return(["source_code", "partition_name", "edition", "release", "known_from", "known_basis", "load_order",
        "next_release_from", "artifact_sha256"]) }}
{%- endmacro %}

{# The columns of a statement: those of its release, then all of its feed. #}
{% macro statement_feed_columns(feed) -%}
    {{ return(release_columns() + feed_columns()[feed]) }}
{%- endmacro %}

{# Closed lists by column: those of the feeds, those of derived columns (var closed_lists), and columns that share
   another's list (var closed_lists_as). #}
{% macro closed_lists() -%}
    {%- set lists = {} -%}
    {%- do lists.update(feed_closed_lists()) -%}
    {%- do lists.update(var('closed_lists')) -%}
    {%- for column, other in var('closed_lists_as').items() -%}
        {%- do lists.update({column: lists[other]}) -%}
    {%- endfor -%}
    {{ return(lists) }}
{%- endmacro %}

{# A publisher's raw table, with the release each row came with. #}
{% macro stage(table, feed) -%}
with source as (
    select * from {{ source('raw', table) }}
),

loads as (
    select * from {{ ref('stg_ledger__loads') }}
),

renamed as (
    select
        {%- for column in release_columns() %}
        loads.{{ column }},
        {%- endfor %}
        {%- for column in feed_columns()[feed] %}
        source.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from source
    inner join loads on source.load_id = loads.load_id
)

select * from renamed
{%- endmacro %}

{# All statements of one feed, by all publishers. #}
{% macro all_statements(feed) -%}
    {%- for model in feed_models()[feed] %}
    select
        {%- for column in statement_feed_columns(feed) %}
        {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ ref(model) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# Statements with the day until which each is valid (known_to). `key` names what is measured: a statement is valid until
   the next statement with the same key by the same source, or until the next release of its own partition. Validity is
   by day: of several statements of one day only the last is kept. #}
{% macro with_validity(feed, key) -%}
with stated as (
    {{ all_statements(feed) }}
),

ordered as (
    select
        *,
        lead(known_from) over (
            partition by source_code, {{ key | join(', ') }}
            order by known_from, load_order
        ) as next_statement_from
    from stated
),

bounded as (
    select
        *,
        {{ fact_id(['source_code', 'edition', 'release', 'known_from'] + key + ['artifact_sha256']) }} as fact_id,
        least(next_statement_from, next_release_from) as known_to
    from ordered
)

select * from bounded
{{ drop_superseded_within_day(['edition'] + key) }}
{%- endmacro %}

{# Keep the statements that are facts. A statement superseded on the day on which it became known was not valid at the end
   of any day. It is dropped, unless a second release of its own partition superseded it: that is a revision, and the
   statement is kept with `known_to` equal to `known_from`. Of the statements of one release and day with the same key
   the last is kept. #}
{% macro drop_superseded_within_day(key) -%}
where
    known_to is null
    or known_to > known_from
    or next_release_from = known_from
qualify
    row_number() over (
        partition by source_code, release, known_from, {{ key | join(', ') }}
        order by load_order desc
    ) = 1
{%- endmacro %}

{# The columns every fact begins with. #}
{% macro statement_columns() -%}
    fact_id,
    source_code,
    edition,
    release,
    known_from,
    known_to,
    known_basis,
    known_to is null as is_latest
{%- endmacro %}
