-- Grain: one publisher's data set × fact × figure × age in whole years, in months: how far what an edition states at
-- that age is from what the last edition states. Of an edition that restates itself the last word counts. Statements
-- without an edition count as one: a release that repeats a flow is no second look at it. Figures of which no two
-- editions are held are left out.
with statements as (
    select *
    from {{ ref('mart_revision_history') }}
    where figure_value is not null
    qualify row_number() over (partition by figure_id, edition order by statement_number desc) = 1
),

aged as (
    select
        source_code,
        table_name,
        figure_name,
        figure_id,
        12 * (date_diff('month', period_end, known_from) // 12) as age_months,
        statement_number < max(statement_number) over same_figure as is_restated,
        figure_value,
        max_by(figure_value, statement_number) over same_figure as last_value
    from statements
    window same_figure as (partition by figure_id)
),

deviating as (
    select
        *,
        case when is_restated then abs(figure_value - last_value) end as deviation,
        case when is_restated and last_value > 0 then abs(figure_value / last_value - 1) end as deviation_relative
    from aged
),

counted as (
    select
        source_code,
        table_name,
        figure_name,
        age_months,
        count(distinct figure_id) as n_figures,
        count(*) filter (where is_restated) as n_restated,
        count(*) filter (where deviation > 0) as n_revised,
        count(*) filter (where is_restated) >= {{ var('revision_least_restatements') }} as is_sufficient,
        {{ settled('median(deviation_relative)') }} as median_deviation,
        {{ settled('quantile_cont(deviation_relative, ' ~ var('revision_high_quantile') ~ ')') }} as p90_deviation
    from deviating
    group by source_code, table_name, figure_name, age_months
),

judged as (
    select
        *,
        bool_or(n_restated > 0) over same_series as has_restated,
        max(age_months) filter (
            where n_restated > 0 and not (is_sufficient and p90_deviation <= {{ var('revision_final_within') }})
        ) over same_series as last_open_age_months
    from counted
    window same_series as (partition by source_code, table_name, figure_name)
)

select
    source_code,
    table_name,
    figure_name,
    cast(age_months as integer) as age_months,
    cast(n_figures as integer) as n_figures,
    cast(n_restated as integer) as n_restated,
    cast(n_revised as integer) as n_revised,
    is_sufficient,
    case when is_sufficient then {{ settled('n_revised / n_restated') }} end as share_revised,
    case when is_sufficient then median_deviation end as median_deviation,
    case when is_sufficient then p90_deviation end as p90_deviation,
    cast(
        min(age_months) filter (where age_months > coalesce(last_open_age_months, -1)) over same_series as integer
    ) as final_after_months
from judged
where has_restated
window same_series as (partition by source_code, table_name, figure_name)
