-- Grain: one reporter in one role (exporter, importer): its record, what that adds up, and the weight that it gives.
with reliability as (
    select
        *,
        case reporter_role when 'exporter' then record end as x_record,
        case reporter_role when 'importer' then record end as m_record
    from {{ ref('int_mirror__reliability') }}
),

areas as (
    select * from {{ ref('dim_area') }}
),

figure_kinds as (
    select unnest({{ var('closed_lists')['figure_kind'] }}) as figure_kind
),

-- the exporter's weight against a usual importer, and the importer's against a usual exporter
weights as (
    select
        reporter_role,
        reporter_code,
        figure_kind,
        case reporter_role
            when 'exporter' then {{ settled(exporter_weight('x_record', 'm_record')) }}
            else {{ settled('1 - ' ~ exporter_weight('x_record', 'm_record')) }}
        end as weight
    from reliability
    cross join figure_kinds
)

select
    reliability.reporter_role,
    reliability.reporter_code,
    areas.area_name as reporter_name,
    cast(reliability.n_pairs as integer) as n_pairs,
    cast(reliability.n_panel_pairs as integer) as n_panel_pairs,
    reliability.record,
    reliability.value_gap,
    reliability.weight_gap,
    reliability.unit_value_gap,
    reliability.omitted,
    reliability.unmatched,
    of_values.weight as usual_value_weight,
    of_weights.weight as usual_kg_weight
from reliability
inner join areas on reliability.reporter_code = areas.area_code
inner join weights as of_values
    on
        reliability.reporter_role = of_values.reporter_role
        and reliability.reporter_code = of_values.reporter_code
        and of_values.figure_kind = 'value'
inner join weights as of_weights
    on
        reliability.reporter_role = of_weights.reporter_role
        and reliability.reporter_code = of_weights.reporter_code
        and of_weights.figure_kind = 'weight'
