-- Grain: India's supply of one stage of the chain in one calendar year, in tonnes of rare-earth oxide: production +
-- imports − exports, with bounds by interval arithmetic. A null upper bound means that nothing bounds the figure; what
-- is not reported may be anything from nought. What cannot be known stands in `unknowns`.
with spine as (
    select * from {{ ref('int_india_supply__years') }}
),

gaps as (
    select
        stage_code,
        year,
        string_agg(gap, ', ' order by gap) as unknowns
    from {{ ref('int_india_supply__gaps') }}
    group by stage_code, year
),

sides as (
    select
        spine.year,
        spine.stage_code,
        spine.stage_name,
        spine.stage_order,
        spine.production_source_code,
        spine.production_status,
        coalesce(spine.reo_tonnes_low, 0) as production_reo_tonnes_low,
        spine.reo_tonnes_central as production_reo_tonnes_central,
        spine.reo_tonnes_high as production_reo_tonnes_high,
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
        coalesce({{ side }}.reo_tonnes_low, 0) as {{ side }}_reo_tonnes_low,
        {{ side }}.reo_tonnes_central as {{ side }}_reo_tonnes_central,
        {{ side }}.reo_tonnes_high as {{ side }}_reo_tonnes_high,
        {{ side }}.known_reo_tonnes_high as {{ side }}_known_reo_tonnes_high,
        {%- endfor %}
        gaps.unknowns
    from spine
    left join {{ ref('int_india_supply__sides') }} as imports
        on
            spine.stage_code = imports.stage_code
            and spine.year = imports.year
            and imports.flow = 'import'
    left join {{ ref('int_india_supply__sides') }} as exports
        on
            spine.stage_code = exports.stage_code
            and spine.year = exports.year
            and exports.flow = 'export'
    left join gaps
        on
            spine.stage_code = gaps.stage_code
            and spine.year = gaps.year
),

balanced as (
    select
        *,
        imports_reo_tonnes_low - exports_reo_tonnes_high as net_imports_reo_tonnes_low,
        imports_reo_tonnes_central - exports_reo_tonnes_central as net_imports_reo_tonnes_central,
        imports_reo_tonnes_high - exports_reo_tonnes_low as net_imports_reo_tonnes_high,
        production_reo_tonnes_low + imports_reo_tonnes_low - exports_reo_tonnes_high as balance_reo_tonnes_low,
        production_reo_tonnes_central + imports_reo_tonnes_central - exports_reo_tonnes_central
            as balance_reo_tonnes_central,
        production_reo_tonnes_high + imports_reo_tonnes_high - exports_reo_tonnes_low as balance_reo_tonnes_high
    from sides
)

select
    year,
    stage_code,
    stage_name,
    production_source_code,
    production_status,
    production_reo_tonnes_low,
    production_reo_tonnes_central,
    production_reo_tonnes_high,
    imports_basis,
    imports_completeness,
    imports_codes,
    imports_value_usd,
    imports_net_weight_kg,
    imports_reo_tonnes_low,
    imports_reo_tonnes_central,
    imports_reo_tonnes_high,
    imports_known_reo_tonnes_high,
    exports_basis,
    exports_completeness,
    exports_codes,
    exports_value_usd,
    exports_net_weight_kg,
    exports_reo_tonnes_low,
    exports_reo_tonnes_central,
    exports_reo_tonnes_high,
    exports_known_reo_tonnes_high,
    net_imports_reo_tonnes_low,
    net_imports_reo_tonnes_central,
    net_imports_reo_tonnes_high,
    balance_reo_tonnes_low,
    balance_reo_tonnes_central,
    balance_reo_tonnes_high,
    case
        when balance_reo_tonnes_low is not null and balance_reo_tonnes_high is not null then 'bounded'
        when balance_reo_tonnes_low is not null then 'at_least'
        when balance_reo_tonnes_high is not null then 'at_most'
        else 'insufficient_data'
    end as balance_status,
    unknowns
from balanced
