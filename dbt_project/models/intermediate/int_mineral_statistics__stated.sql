-- Grain: one statement, what one release says of one measured thing (a country's production of a year, say).
-- A statement holds until the next statement of the same thing, or until its own edition is released anew.
with stated as (
    {{ union_of(var('mineral_statistics_models'), [
        'source_code', 'edition', 'release', 'known_from', 'known_basis', 'load_order', 'next_release_from',
        'artifact_sha256', 'artifact_row', 'measure', 'scope', 'country_code', 'year', 'series', 'value_t',
        'value_low_t', 'value_high_t', 'value_raw', 'value_status', 'basis_code', 'is_revised',
    ]) }}
),

ordered as (
    select
        *,
        lead(known_from) over (
            partition by source_code, measure, scope, country_code, year, series
            order by known_from, load_order
        ) as next_statement_from
    from stated
),

bounded as (
    select
        *,
        {{ fact_id([
            'source_code', 'edition', 'release', 'known_from', 'measure', 'scope', 'country_code', 'year', 'series',
            'artifact_sha256',
        ]) }} as fact_id,
        least(next_statement_from, next_release_from) as known_to
    from ordered
)

select * from bounded
