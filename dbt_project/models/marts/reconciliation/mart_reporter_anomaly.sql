-- Grain: one reporter in one role, of one product, year and kind of figure, whose figures look like a mistake of unit.
select
    anomalies.reporter_code,
    areas.area_name as reporter_name,
    anomalies.reporter_role,
    anomalies.product_key,
    {{ calendar_year_columns('year(anomalies.period_start)') }},
    cast(year(anomalies.period_start) as integer) as year,
    anomalies.figure_kind,
    anomalies.anomaly,
    cast(anomalies.n_pairs as integer) as n_pairs,
    anomalies.median_log_gap,
    {{ settled('exp(anomalies.median_log_gap)') }} as median_factor,
    anomalies.share_of_pairs
from {{ ref('int_mirror__anomalies') }} as anomalies
inner join {{ ref('dim_area') }} as areas on anomalies.reporter_code = areas.area_code
where anomalies.anomaly is not null
