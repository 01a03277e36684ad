-- Grain: India's supply of one stage of the chain in one year, calendar or fiscal, in tonnes of rare-earth oxide:
-- production + imports − exports, with bounds by interval arithmetic. A null upper bound means that nothing bounds the
-- figure; what is not reported may be any amount from zero. What is unknown is listed in `unknowns`. A net position
-- is given where the bounds leave one alone, in oxide only where gross weights do not say the opposite.
with spine as (
    select * from {{ ref('int_india_supply__years') }}
),

gaps as (
    select
        stage_code,
        period_type,
        year,
        string_agg(gap, ', ' order by gap) as unknowns
    from {{ ref('int_india_supply__gaps') }}
    group by stage_code, period_type, year
),

sides as (
    select
        spine.period_type,
        spine.period_start,
        spine.period_end,
        spine.period_label,
        spine.year,
        spine.stage_code,
        spine.stage_name,
        spine.production_source_code,
        spine.production_status,
        {{ settled('coalesce(spine.reo_tonnes_low, 0)') }} as production_reo_tonnes_low,
        {{ settled('spine.reo_tonnes_central') }} as production_reo_tonnes_central,
        {{ settled('spine.reo_tonnes_high') }} as production_reo_tonnes_high,
        {%- for side in ['imports', 'exports'] %}
        coalesce({{ side }}.year_basis, 'none') as {{ side }}_basis,
        case
            when coalesce({{ side }}.n_codes_known, 0) = 0 then 'none'
            when {{ side }}.n_codes_known < {{ side }}.n_codes then 'partial'
            else 'complete'
        end as {{ side }}_completeness,
        {{ side }}.codes_known as {{ side }}_codes,
        {{ side }}.value_usd as {{ side }}_value_usd,
        {{ side }}.net_weight_kg as {{ side }}_net_weight_kg,
        {{ settled('coalesce(' ~ side ~ '.kg_low, 0)') }} as {{ side }}_kg_low,
        {{ settled(side ~ '.kg_high') }} as {{ side }}_kg_high,
        {{ side }}.unweighed_value_usd as {{ side }}_unweighed_value_usd,
        {{ side }}.unweighed_value_usd_high as {{ side }}_unweighed_value_usd_high,
        {{ settled(side ~ '.unweighed_value_share') }} as {{ side }}_unweighed_value_share,
        {{ settled(side ~ '.unweighed_kg_high') }} as {{ side }}_unweighed_kg_high,
        {{ settled('coalesce(' ~ side ~ '.reo_tonnes_low, 0)') }} as {{ side }}_reo_tonnes_low,
        {{ settled(side ~ '.reo_tonnes_central') }} as {{ side }}_reo_tonnes_central,
        {{ settled(side ~ '.reo_tonnes_high') }} as {{ side }}_reo_tonnes_high,
        {{ settled(side ~ '.known_reo_tonnes_high') }} as {{ side }}_known_reo_tonnes_high,
        {%- endfor %}
        gaps.unknowns
    from spine
    left join {{ ref('int_india_supply__sides') }} as imports
        on
            spine.stage_code = imports.stage_code
            and spine.period_type = imports.period_type
            and spine.year = imports.year
            and imports.flow = 'import'
    left join {{ ref('int_india_supply__sides') }} as exports
        on
            spine.stage_code = exports.stage_code
            and spine.period_type = exports.period_type
            and spine.year = exports.year
            and exports.flow = 'export'
    left join gaps
        on
            spine.stage_code = gaps.stage_code
            and spine.period_type = gaps.period_type
            and spine.year = gaps.year
),

balanced as (
    select
        *,
        {{ settled('imports_kg_low - exports_kg_high') }} as net_imports_kg_low,
        {{ settled('imports_kg_high - exports_kg_low') }} as net_imports_kg_high,
        {{ settled('imports_reo_tonnes_low - exports_reo_tonnes_high') }} as net_imports_reo_tonnes_low,
        {{ settled('imports_reo_tonnes_central - exports_reo_tonnes_central') }} as net_imports_reo_tonnes_central,
        {{ settled('imports_reo_tonnes_high - exports_reo_tonnes_low') }} as net_imports_reo_tonnes_high,
        {{ settled('production_reo_tonnes_low + imports_reo_tonnes_low - exports_reo_tonnes_high') }}
            as balance_reo_tonnes_low,
        {{ settled('production_reo_tonnes_central + imports_reo_tonnes_central - exports_reo_tonnes_central') }}
            as balance_reo_tonnes_central,
        {{ settled('production_reo_tonnes_high + imports_reo_tonnes_high - exports_reo_tonnes_low') }}
            as balance_reo_tonnes_high
    from sides
),

judged as (
    select
        {%- for measure, column in [('kg', 'position_by_weight'), ('reo_tonnes', 'position_by_oxide')] %}
        case
            when net_imports_{{ measure }}_low > 0 then 'net_importer'
            when net_imports_{{ measure }}_high < 0 then 'net_exporter'
            else 'undetermined'
        end as {{ column }},
        {%- endfor %}
        {%- for figure in ['net_imports', 'balance'] %}
        case
            when {{ figure }}_reo_tonnes_low is not null and {{ figure }}_reo_tonnes_high is not null then 'bounded'
            when {{ figure }}_reo_tonnes_low is not null then 'at_least'
            when {{ figure }}_reo_tonnes_high is not null then 'at_most'
            else 'insufficient_data'
        end as {{ figure }}_status,
        {%- endfor %}
        *
    from balanced
)

select
    period_type,
    period_start,
    period_end,
    period_label,
    year,
    stage_code,
    stage_name,
    production_source_code,
    production_status,
    production_reo_tonnes_low,
    production_reo_tonnes_central,
    production_reo_tonnes_high,
    {%- for side in ['imports', 'exports'] %}
    {{ side }}_basis,
    {{ side }}_completeness,
    {{ side }}_codes,
    {{ side }}_value_usd,
    {{ side }}_net_weight_kg,
    {{ side }}_kg_low,
    {{ side }}_kg_high,
    {{ side }}_unweighed_value_usd,
    {{ side }}_unweighed_value_usd_high,
    {{ side }}_unweighed_value_share,
    {{ side }}_unweighed_kg_high,
    {{ side }}_reo_tonnes_low,
    {{ side }}_reo_tonnes_central,
    {{ side }}_reo_tonnes_high,
    {{ side }}_known_reo_tonnes_high,
    {%- endfor %}
    net_imports_kg_low,
    net_imports_kg_high,
    net_imports_reo_tonnes_low,
    net_imports_reo_tonnes_central,
    net_imports_reo_tonnes_high,
    net_imports_status,
    position_by_weight as net_position_by_weight,
    case
        when position_by_oxide <> position_by_weight and position_by_weight <> 'undetermined' then 'undetermined'
        else position_by_oxide
    end as net_position,
    balance_reo_tonnes_low,
    balance_reo_tonnes_central,
    balance_reo_tonnes_high,
    balance_status,
    unknowns
from judged
