-- Grain: one reporter in one role (exporter, importer) and kind of figure (value, weight): how reliable, by the panel.
select
    reliability.figure_kind,
    reliability.reporter_role,
    reliability.reporter_code,
    areas.area_name as reporter_name,
    cast(reliability.n_pairs as integer) as n_pairs,
    reliability.sigma,
    case
        when reliability.n_pairs < {{ var('reliability_least_pairs') }} then 'few_pairs'
        when reliability.sigma <= {{ var('reliability_gap_floor') }} then 'at_floor'
        else 'estimated'
    end as sigma_status,
    reliability.sigma_relative,
    reliability.effect,
    reliability.effect_sd,
    reliability.shrinkage,
    reliability.variance_share
from {{ ref('int_mirror__reliability') }} as reliability
inner join {{ ref('dim_area') }} as areas on reliability.reporter_code = areas.area_code
where reliability.reporter_role <> 'panel'
