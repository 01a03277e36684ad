-- Grain: one figure × one statement of it, in the order in which they became known. A change is measured where the
-- figure is another than before, and where another edition states it again. Within one edition a figure that is as
-- it was (its statement has another weight or mark, or prints it with other digits) has no change.
with statements as (
    select
        *,
        row_number() over in_order as statement_number,
        count(*) over (partition by figure_id) as n_statements,
        lag(figure_value) over in_order as previous_value,
        coalesce(
            lag(edition) over in_order is not distinct from edition
            and {{ same_within_rounding(
                'figure_value', 'figure_rounding',
                'lag(figure_value) over in_order', 'lag(figure_rounding) over in_order'
            ) }},
            false
        ) as is_as_it_was,
        lead(known_from) over in_order as next_known_from
    from {{ ref('int_revision__statements') }}
    window in_order as (
        partition by figure_id
        order by known_from, known_to nulls last, release, fact_id
    )
),

changed as (
    select
        *,
        case when not is_as_it_was then previous_value end as changed_from
    from statements
),

published as (
    select
        figure_id,
        table_name,
        figure_name,
        figure_unit,
        source_code,
        country_code,
        partner_code,
        flow,
        product_key,
        detail,
        period_type,
        period_start,
        period_end,
        cast(statement_number as integer) as statement_number,
        cast(n_statements as integer) as n_statements,
        fact_id,
        edition,
        release,
        known_from,
        known_to,
        known_basis,
        known_to is null as is_latest,
        figure_value,
        value_status,
        previous_value,
        {{ settled('figure_value - changed_from') }} as change_absolute,
        case when changed_from > 0 then {{ settled('figure_value / changed_from - 1') }} end as change_relative,
        case when changed_from > 0 and figure_value > 0 then {{ settled('ln(figure_value / changed_from)') }} end
            as change_log,
        cast(known_from - period_end as integer) as age_days,
        -- ended by a release of its partition that does not state it any more
        known_to is not null and coalesce(known_to <> next_known_from, true) as is_withdrawn
    from changed
)

{{ named('published', ['country_code', 'partner_code']) }}
