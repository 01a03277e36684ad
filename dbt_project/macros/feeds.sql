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

{# Raw tables of lists whose rows quote notices of their own days. #}
{% macro tables_of_notices() -%}
    {%- set tables = [] -%}
    {%- for feed in feed_public_by() %}{% for model in feed_models()[feed] -%}
    {%- do tables.append(model.removeprefix('stg_')) -%}
    {%- endfor %}{% endfor -%}
    {{ return(tables) }}
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

{# Statements with the day until which each is valid (known_to). What is measured has the feed's key: a statement is valid
   until the next statement with the same key by the same source, or until the next release of its own partition. Validity
   is by day: of several statements of one day only the last is kept. A statement that repeats the one before it in its
   edition is part of it (unchanged_as_one), also where another edition has spoken in between: an old edition read again
   ends nothing of a newer one. `edition_known_to` is the day until which the edition itself says so. #}
{% macro with_validity(feed) -%}
{%- set key = feed_keys()[feed] -%}
with stated as (
    {%- if feed in feed_public_by() %}
    {{ known_from_their_notice(feed) | indent(4) }}
    {%- else %}
    {{ all_statements(feed) }}
    {%- endif %}
),

in_their_edition as (
    select
        *,
        {{ fact_id(['source_code', 'edition', 'release', 'known_from'] + key + ['artifact_sha256']) }} as fact_id,
        least(
            lead(known_from) over (
                partition by source_code, edition, {{ key | join(', ') }}
                order by known_from, load_order
            ),
            next_release_from
        ) as known_to
    from stated
),

changed as (
    {{ unchanged_as_one('in_their_edition', feed, ['source_code', 'edition'] + key) | indent(4) }}
),

bounded as (
    select
        * exclude (known_to),
        known_to as edition_known_to,
        least(
            lead(known_from) over (
                partition by source_code, {{ key | join(', ') }}
                order by known_from, load_order
            ),
            known_to
        ) as known_to
    from changed
)
{%- if feed in feed_public_by() %},

published as (
    select
        bounded.* exclude (known_to, edition_known_to),
        case when bounded.edition_known_to <= as_of.as_of_day then bounded.edition_known_to end as edition_known_to,
        case when bounded.known_to <= as_of.as_of_day then bounded.known_to end as known_to
    from bounded
    cross join {{ ref('stg_ledger__as_of') }} as as_of
    where bounded.known_from <= as_of.as_of_day
)

select * from published
{% else %}

select * from bounded
{%- endif %}
{{ drop_superseded_within_day(['edition'] + key) }}
{%- endmacro %}

{# All statements of a feed whose rows quote notices of their own days. What a list says first of a thing was known from the
   day by which its notice was public, at the latest from the day of the list. What a later list changes in it was known
   from the day of that list. So a release that ends at an earlier day has what was public then, also from a list that
   came later (stg_ledger__loads keeps it). #}
{% macro known_from_their_notice(feed) -%}
{%- set public_by = feed_public_by()[feed] -%}
select
    * exclude (is_first)
    replace (
        case when is_first and {{ public_by }} < known_from then {{ public_by }} else known_from end as known_from,
        case when is_first and {{ public_by }} < known_from then public_basis else known_basis end as known_basis
    )
from (
    select
        *,
        row_number() over (
            partition by source_code, {{ feed_keys()[feed] | join(', ') }}
            order by known_from, load_order
        ) = 1 as is_first
    from (
        {{ all_statements(feed) | indent(8) }}
    )
)
{%- endmacro %}

{# An unchanged figure is no new statement. Of statements with the same key of which each begins on the day the one before
   it ends, those that say the same are one: the first, valid until the last ends. A, B, A are three. Two statements say
   the same where all columns of the feed's meaning are equal (FEED_COLUMNS in sources/model/meaning.py), and those of
   `also`. A figure with a rounding may also be printed with fewer digits than before, if it is the same within both
   roundings; one printed with more digits is a statement of its own.

   `rows` is a relation with known_from, known_to and load_order; `least_of` are columns of which the one statement has
   the least. #}
{% macro unchanged_as_one(rows, feed, key, also=[], least_of=[]) -%}
with compared as (
    select
        *,
        coalesce(
            lag(known_to) over in_order = known_from
            {{- says_the_same(feed, key, also) }},
            false
        ) as repeats_the_one_before
    from {{ rows }}
    window in_order as (
        partition by {{ key | join(', ') }}
        order by known_from, load_order
    )
),

numbered as (
    select
        *,
        count(*) filter (where not repeats_the_one_before) over (
            partition by {{ key | join(', ') }}
            order by known_from, load_order
            rows unbounded preceding
        ) as statement_number
    from compared
)

select
    * exclude (repeats_the_one_before, statement_number)
    replace (
        last_value(known_to) over repeated as known_to
        {%- for column in least_of %},
        min({{ column }}) over repeated as {{ column }}
        {%- endfor %}
    )
from numbered
window repeated as (
    partition by {{ key | join(', ') }}, statement_number
    order by known_from, load_order
    rows between unbounded preceding and unbounded following
)
qualify row_number() over (
    partition by {{ key | join(', ') }}, statement_number
    order by known_from, load_order
) = 1
{%- endmacro %}

{# Conditions, each beginning with `and`, under which a row says the same as the one before it in the window `in_order`. #}
{% macro says_the_same(feed, key, also=[]) -%}
{%- set roundings = feed_roundings()[feed] -%}
{%- set rounded = roundings.keys() | list + roundings.values() | list -%}
{%- for column in feed_meanings()[feed] + also if column not in key and column not in rounded %}
and {{ column }} is not distinct from lag({{ column }}) over in_order
{%- endfor %}
{%- for figure, rounding in roundings.items() %}
and {{ same_within_rounding(
    figure, rounding, 'lag(' ~ figure ~ ') over in_order', 'lag(' ~ rounding ~ ') over in_order'
) }}
and ({{ figure }} is null or coalesce({{ rounding }}, 0) >= coalesce(lag({{ rounding }}) over in_order, 0))
{%- endfor %}
{%- endmacro %}

{# Whether two prints are of one figure: equal where both are rounded alike, else equal within both roundings. #}
{% macro same_within_rounding(figure, rounding, other, other_rounding) -%}
case
    when {{ figure }} is null or {{ other }} is null then {{ figure }} is null and {{ other }} is null
    when coalesce({{ rounding }}, 0) = coalesce({{ other_rounding }}, 0) then not {{ differs(figure, other) }}
    else not {{ exceeds('abs(' ~ figure ~ ' - ' ~ other ~ ')', 'coalesce(' ~ rounding ~ ', 0) + coalesce(' ~ other_rounding ~ ', 0)') }}
end
{%- endmacro %}

{# Keep the statements that are facts. A statement superseded on the day on which it became known was not valid at the end
   of any day. It is dropped, unless a second release of its own partition superseded it: that is a revision, and the
   statement is kept with `known_to` equal to `known_from`. Of the statements of one release and day with the same key
   the last is kept. #}
{% macro drop_superseded_within_day(key) -%}
where
    {{ is_valid_some_day() | indent(4) }}
qualify
    row_number() over (
        partition by source_code, release, known_from, {{ key | join(', ') }}
        order by load_order desc
    ) = 1
{%- endmacro %}

{% macro is_valid_some_day() -%}
known_to is null
or known_to > known_from
or next_release_from = known_from
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
