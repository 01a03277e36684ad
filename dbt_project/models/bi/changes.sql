-- Grain: one change of one published figure: added with its first statement, revised by a later one, or withdrawn. Of
-- trade, the figures of India and China with each other and with the world.
with statements as (
    select * from {{ ref('mart_revision_history') }}
    where
        flow is null
        or {{ is_of_the_corridor('country_code', "coalesce(partner_code, 'WLD')") }}
),

stated as (
    select
        known_from as changed_on,
        case when statement_number = 1 then 'added' else 'revised' end as change_kind,
        * exclude (figure_value, previous_value),
        figure_value,
        previous_value
    from statements
    where
        statement_number = 1
        or change_absolute <> 0
        or (figure_value is null) <> (previous_value is null)
),

withdrawn as (
    select
        known_to as changed_on,
        'withdrawn' as change_kind,
        * exclude (figure_value, previous_value),
        null as figure_value,
        figure_value as previous_value
    from statements
    where is_withdrawn
),

changes as (
    select * from stated
    union all
    select * from withdrawn
)

select
    changes.changed_on,
    changes.period_start,
    changes.period_type,
    changes.change_kind,
    changes.figure_name,
    changes.figure_unit,
    concat_ws(
        ', ', changes.country_name, changes.partner_name, changes.flow, products.description, nullif(changes.detail, '')
    ) as figure_label,
    changes.previous_value,
    changes.figure_value,
    1 as n_changes,
    sources.title as source_name,
    changes.edition,
    changes.known_from,
    changes.figure_id,
    changes.fact_id
from changes
inner join {{ ref('dim_source') }} as sources on changes.source_code = sources.source_code
left join {{ ref('dim_product') }} as products on changes.product_key = products.product_key
