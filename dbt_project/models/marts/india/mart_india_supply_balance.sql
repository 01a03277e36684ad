-- Grain: India's trade in one stage of the chain in one year, calendar or fiscal, in US$, kg and tonnes of rare-earth
-- oxide, with mine production in a row of its own (stage ore, whose trade is not compared). A position is stated where
-- the bounds leave one alone; `unknowns` says why a figure or a position is missing.
-- noqa: disable=LT02
{%- set measures = [('by_value', 'value', '_usd'), ('by_weight', 'kg', ''), ('by_reo', 'reo_tonnes', '')] %}
with mined as (
    select
        'ore' as stage_code,
        period_type,
        period_start,
        production_t_reo,
        value_status
    from {{ ref('fct_production') }}
    where
        country_code = 'IND'
        and is_latest
        and is_preferred
        and period_type = 'calendar_year'
        and production_t_reo is not null
),

sides as (
    select * from {{ ref('int_india_supply__sides') }}
),

imports as (
    select * from sides
    where flow = 'import'
),

exports as (
    select * from sides
    where flow = 'export'
),

spine as (
    select
        stage_code,
        period_type,
        period_start
    from sides
    where value_usd is not null or kg_high is not null
    union
    select
        stage_code,
        period_type,
        period_start
    from mined
),

paired as (
    select
        spine.*,
        mined.production_t_reo,
        mined.value_status as production_status,
        {%- for side in ['imports', 'exports'] %}
        {{ side }}.stage_code is not null as has_{{ side }},
        {%- for column in ['value_usd', 'value_low_usd', 'value_high_usd', 'weight_kg', 'kg_low', 'kg_high'] %}
        {{ side }}.{{ column }} as {{ side }}_{{ column }},
        {%- endfor %}
        {%- for column in ['reo_tonnes_low', 'reo_tonnes_high'] %}
        {{ settled(side ~ '.' ~ column) }} as {{ side }}_{{ column }},
        {%- endfor %}
        {%- endfor %}
        {{ settled('imports.reo_tonnes_low - exports.reo_tonnes_high') }} as net_imports_reo_tonnes_low,
        {{ settled('imports.reo_tonnes_high - exports.reo_tonnes_low') }} as net_imports_reo_tonnes_high
    from spine
    left join mined
        on
            spine.stage_code = mined.stage_code
            and spine.period_type = mined.period_type
            and spine.period_start = mined.period_start
    left join imports
        on
            spine.stage_code = imports.stage_code
            and spine.period_type = imports.period_type
            and spine.period_start = imports.period_start
    left join exports
        on
            spine.stage_code = exports.stage_code
            and spine.period_type = exports.period_type
            and spine.period_start = exports.period_start
),

judged as (
    select
        *,
        {%- for name, measure, unit in measures %}
        case
            when imports_{{ measure }}_low{{ unit }} > exports_{{ measure }}_high{{ unit }} then 'net_importer'
            when imports_{{ measure }}_high{{ unit }} < exports_{{ measure }}_low{{ unit }} then 'net_exporter'
            else 'undetermined'
        end as net_position_{{ name }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from paired
)

select
    judged.stage_code,
    judged.period_type,
    judged.period_start,
    periods.period_end,
    periods.period_label,
    judged.production_t_reo as production_reo_tonnes,
    imports_value_usd as imports_usd,
    exports_value_usd as exports_usd,
    net_position_by_value,
    imports_weight_kg as imports_kg,
    exports_weight_kg as exports_kg,
    net_position_by_weight,
    imports_reo_tonnes_low,
    imports_reo_tonnes_high,
    exports_reo_tonnes_low,
    exports_reo_tonnes_high,
    net_imports_reo_tonnes_low,
    net_imports_reo_tonnes_high,
    net_position_by_reo,
    nullif(
        concat_ws(
            ', ',
            {%- for side in ['imports', 'exports'] %}
            case when not has_{{ side }} and production_t_reo is null then '{{ side }}:not_held' end,
            case when has_{{ side }} and {{ side }}_value_usd is null then '{{ side }}:no_value' end,
            case when has_{{ side }} and {{ side }}_kg_low is null then '{{ side }}:no_weight' end,
            case
                when {{ side }}_kg_low is not null and {{ side }}_kg_high is null then '{{ side }}:part_of_weights'
            end,
            {%- endfor %}
            case
                when
                    net_position_by_reo = 'undetermined'
                    and net_imports_reo_tonnes_high is not null
                    then 'reo:bounds_overlap'
            end,
            case when imports_kg_low > 0 and imports_reo_tonnes_low = 0 then 'reo:may_hold_none' end,
            case when production_t_reo is not null then 'trade:not_compared' end,
            case when production_status = 'estimated' then 'production:estimated' end
        ),
        ''
    ) as unknowns
from judged
inner join {{ ref('dim_period') }} as periods
    on
        judged.period_type = periods.period_type
        and judged.period_start = periods.period_start
