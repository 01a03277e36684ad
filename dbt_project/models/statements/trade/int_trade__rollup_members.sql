-- Grain: one statement on a national line × the international code (HS6, HS4) it is added up to. Only lines whose query
-- asked for every line of that code are added up; the sum belongs to the release that states the lines, whatever other
-- layouts or partitions say of one of them. A heading is also added up where its queries are by six-digit code and
-- together cover all of its codes.
{{ config(materialized='incremental') }}
-- noqa: disable=LT02
with lines as (
    select
        *,
        {{ fact_id([
            'source_code', 'partition_name', 'release', 'known_from', 'reporter_code', 'flow', 'period_type',
            period_key(),
        ]) }} as query_id
    from {{ of_years(ref('int_trade__stated')) }}
    where
        scope_code is not null
        and code_country is not null
),

headings as (
    {%- for heading, codes in var('whole_headings').items() %}
    select
        '{{ heading }}' as heading,
        {{ codes }} as codes
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

covered_headings as (
    select
        lines.query_id,
        headings.heading
    from lines
    inner join headings on left(lines.hs_code, length(headings.heading)) = headings.heading
    group by lines.query_id, headings.heading, headings.codes
    having list_has_all(list(distinct lines.scope_code), headings.codes)
),

targets as (
    select
        lines.* exclude (query_id),
        left(lines.hs_code, levels.digits) as target_code
    from lines
    inner join (values (4), (6)) as levels (digits) on length(lines.hs_code) > levels.digits
    left join covered_headings
        on
            lines.query_id = covered_headings.query_id
            and left(lines.hs_code, levels.digits) = covered_headings.heading
    where
        length(lines.scope_code) <= levels.digits
        or covered_headings.query_id is not null
)

select
    *,
    {{ fact_id([
        "'rollup'", 'source_code', 'partition_name', 'release', 'known_from', 'reporter_code', 'partner_code', 'flow',
        'target_code', 'period_type', period_key(),
    ]) }} as rollup_fact_id
from targets
