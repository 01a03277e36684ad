-- Grain: one publisher's data set × fact × figure × age class: how far its figures moved when they were stated again
-- at that age. What an edition repeats of itself is no restatement. Shares and percentiles only of ten restatements
-- or more.
with restated as (
    select
        *,
        case
            when age_days <= {{ var('revision_first_year_days') }} then 'first_year'
            when age_days <= {{ var('revision_second_year_days') }} then 'second_year'
            else 'third_year_or_later'
        end as age_class
    from {{ ref('mart_revision_history') }}
),

counted as (
    select
        source_code,
        table_name,
        figure_name,
        age_class,
        count(distinct figure_id) as n_figures,
        count(distinct figure_id) filter (where n_statements > 1) as n_figures_restated,
        count(change_absolute) as n_restatements,
        count(change_absolute) >= {{ var('revision_least_restatements') }} as is_sufficient,
        count(*) filter (where abs(change_absolute) > 0) as n_revisions,
        count(*) filter (where is_withdrawn) as n_withdrawn,
        {{ settled('median(abs(change_relative))') }} as median_change_relative,
        {{ settled('quantile_cont(abs(change_relative), ' ~ var('revision_high_quantile') ~ ')') }}
            as p90_change_relative,
        count(*) filter (where change_absolute > 0) as n_up
    from restated
    group by source_code, table_name, figure_name, age_class
)

select
    source_code,
    table_name,
    figure_name,
    age_class,
    cast(n_figures as integer) as n_figures,
    cast(n_figures_restated as integer) as n_figures_restated,
    cast(n_restatements as integer) as n_restatements,
    cast(n_revisions as integer) as n_revisions,
    cast(n_withdrawn as integer) as n_withdrawn,
    is_sufficient,
    case when is_sufficient then {{ settled('n_revisions / n_restatements') }} end as share_revised,
    case when is_sufficient then median_change_relative end as median_change_relative,
    case when is_sufficient then p90_change_relative end as p90_change_relative,
    case when is_sufficient then {{ settled('n_up / nullif(n_revisions, 0)') }} end as share_revised_up
from counted
