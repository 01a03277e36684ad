-- Grain: one flow between two countries and kind of figure: both sides with the exporter's weight and the ends of its
-- interval. The weight is null where the panel does not identify both reporters, or has too few pairs of the product:
-- magnets say nothing of who reports compounds well. A reporter whose figures look like a mistake of unit has no weight
-- where its report lies off; the interval still reaches to it. An estimated figure is no report and is not weighted. A
-- sole report has the standard deviation of its log error by the same panel.
with paired as (
    select * from {{ ref('int_mirror__paired') }}
),

panel as (
    select * from {{ ref('int_mirror__panel') }}
),

reliability as (
    select * from {{ ref('int_mirror__reliability') }}
),

anomalies as (
    select
        *,
        year(period_start) as year
    from {{ ref('int_mirror__anomalies') }}
    where anomaly is not null
),

identified_panels as (
    select * from reliability
    where
        reporter_role = 'panel'
        and is_identified
),

panel_products as (
    select distinct
        figure_kind,
        product_key
    from panel
    qualify
        count(*) over (partition by figure_kind, product_key, period_start) >= {{ var('panel_least_pairs_in_group') }}
),

judged_pairs as (
    select
        paired.*,
        exporter_anomalies.anomaly as x_anomaly,
        importer_anomalies.anomaly as m_anomaly,
        exporters.variance_share as x_share,
        importers.variance_share as m_share,
        exporters.effect_sd as x_sd,
        importers.effect_sd as m_sd,
        identified_panels.common_weight_logit_sd as split_sd,
        identified_panels.typical_sigma,
        identified_panels.size_slope,
        identified_panels.usual_size,
        identified_panels.least_size,
        panel_products.product_key is not null as is_in_panel
    from paired
    left join panel_products
        on
            paired.figure_kind = panel_products.figure_kind
            and paired.product_key = panel_products.product_key
    left join identified_panels on paired.figure_kind = identified_panels.figure_kind
    left join reliability as exporters
        on
            paired.figure_kind = exporters.figure_kind
            and exporters.reporter_role = 'exporter'
            and paired.exporter_code = exporters.reporter_code
    left join reliability as importers
        on
            paired.figure_kind = importers.figure_kind
            and importers.reporter_role = 'importer'
            and paired.importer_code = importers.reporter_code
    left join anomalies as exporter_anomalies
        on
            paired.figure_kind = exporter_anomalies.figure_kind
            and exporter_anomalies.reporter_role = 'exporter'
            and paired.exporter_code = exporter_anomalies.reporter_code
            and paired.product_key = exporter_anomalies.product_key
            and year(paired.period_start) = exporter_anomalies.year
    left join anomalies as importer_anomalies
        on
            paired.figure_kind = importer_anomalies.figure_kind
            and importer_anomalies.reporter_role = 'importer'
            and paired.importer_code = importer_anomalies.reporter_code
            and paired.product_key = importer_anomalies.product_key
            and year(paired.period_start) = importer_anomalies.year
),

panel_weights as (
    select
        *,
        case
            when is_in_panel and x_status = 'reported' and m_status = 'reported'
                then {{ settled('m_share / (x_share + m_share)') }}
        end as panel_weight,
        case
            when not {{ exceeds('abs(log_gap)', log_factor('agree_within_factor')) }} then null
            when x_anomaly is not null and m_anomaly is null then 0.0
            when m_anomaly is not null and x_anomaly is null then 1.0
        end as suspect_weight,
        case
            when not is_in_panel then null
            when x_status = 'reported' and coalesce(m_status <> 'reported', true) and x_figure > 0
                then {{ settled(own_error_sd('x_figure', 'x_share')) }}
            when m_status = 'reported' and coalesce(x_status <> 'reported', true) and m_figure > 0
                then {{ settled(own_error_sd('m_figure', 'm_share')) }}
        end as own_sd
    from judged_pairs
),

-- Where between both reports the truth lies: with log errors of variances v_x and v_m, at share w = v_m / (v_x + v_m)
-- of the way from the importer's report to the exporter's, with variance w (1 − w) when the gap itself is taken as
-- the measure of both errors; the uncertainty of w adds to it.
spreads as (
    select
        *,
        {{ settled(
            'sqrt(panel_weight * (1 - panel_weight) + power(panel_weight * (1 - panel_weight), 2)'
            ' * (power(x_sd, 2) + power(m_sd, 2) + power(split_sd, 2)))'
        ) }} as weight_sd
    from panel_weights
)

-- the interval of a suspected weight is all of it: a mistake of unit is named, not proved
select
    *,
    case when panel_weight is not null then coalesce(suspect_weight, panel_weight) end as w_exporter,
    case
        when panel_weight is null then null
        when suspect_weight is not null then 0
        else {{ settled('greatest(0, panel_weight - ' ~ var('interval_z') ~ ' * weight_sd)') }}
    end as w_low,
    case
        when panel_weight is null then null
        when suspect_weight is not null then 1
        else {{ settled('least(1, panel_weight + ' ~ var('interval_z') ~ ' * weight_sd)') }}
    end as w_high
from spreads
