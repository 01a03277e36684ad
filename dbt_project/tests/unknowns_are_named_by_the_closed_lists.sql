-- unknowns and coverage_note hold codes of the lists in dbt_project.yml and nothing else.
with said as (
    select unnest(string_split(unknowns, ', ')) as code
    from {{ ref('mart_india_supply_balance') }}
    where unknowns is not null
),

noted as (
    select unnest(string_split(coverage_note, ', ')) as code
    from {{ ref('mart_importer_supply') }}
    where coverage_note is not null
)

select code
from said
where code not in ({{ quoted(var('supply_gaps')) }})
union all
select code
from noted
where code not in ({{ quoted(var('coverage_notes')) }})
