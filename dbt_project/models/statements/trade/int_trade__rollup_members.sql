-- Grain: one statement on a national line × the international code (HS6, HS4) it is added up to. Only lines whose query
-- asked for every line of that code are added up; the sum belongs to the release that states the lines, whatever other
-- layouts or partitions say of one of them.
with lines as (
    select * from {{ ref('int_trade__stated') }}
    where
        scope_code is not null
        and code_country is not null
),

targets as (
    select
        lines.*,
        left(lines.hs_code, levels.digits) as target_code
    from lines
    inner join (values (4), (6)) as levels (digits)
        on
            length(lines.scope_code) <= levels.digits
            and length(lines.hs_code) > levels.digits
)

select
    *,
    {{ fact_id([
        "'rollup'", 'source_code', 'partition_name', 'release', 'known_from', 'reporter_code', 'partner_code', 'flow',
        'target_code', 'period_type', period_key(),
    ]) }} as rollup_fact_id
from targets
