-- Grain: one flow between two countries, both sides beside each other, with the exporter's weight in value and in net
-- weight and the ends of its interval; null where the panel does not identify both reporters, or holds no panel of the
-- product: what it says of magnets is not said of compounds. A side whose reporter's figures look like a mistake of
-- unit has no weight where they lie off by more than two; the interval reaches to it all the same. An estimated weight
-- is nobody's report: it is not weighted. For a sole report, the standard deviation of its log error by the same panel.
with paired as (
    select * from {{ ref('int_mirror__paired') }}
),

reporters as (
    select
        figure_kind,
        reporter_role,
        reporter_code,
        variance_share,
        effect_sd
    from {{ ref('int_mirror__reliability') }}
    where reporter_role <> 'panel'
),

panels as (
    select
        figure_kind,
        common_weight_logit_sd,
        typical_sigma,
        size_slope,
        usual_size,
        least_size
    from {{ ref('int_mirror__reliability') }}
    where
        reporter_role = 'panel'
        and is_identified
),

panel_products as (
    select product_key
    from {{ ref('int_mirror__panel') }}
    group by product_key, period_start
    having count(*) >= 20
),

anomalies as (
    select
        reporter_role,
        reporter_code,
        product_key,
        year(period_start) as year,
        max(anomaly) filter (where figure_kind = 'value') as value_anomaly,
        max(anomaly) filter (where figure_kind = 'weight') as weight_anomaly
    from {{ ref('int_mirror__anomalies') }}
    group by reporter_role, reporter_code, product_key, year(period_start)
),

judged as (
    select
        paired.*,
        exporter_anomalies.value_anomaly as exporter_value_anomaly,
        importer_anomalies.value_anomaly as importer_value_anomaly,
        exporter_anomalies.weight_anomaly as exporter_weight_anomaly,
        importer_anomalies.weight_anomaly as importer_weight_anomaly,
        value_exporters.variance_share as value_x_share,
        value_importers.variance_share as value_m_share,
        value_exporters.effect_sd as value_x_sd,
        value_importers.effect_sd as value_m_sd,
        value_panels.common_weight_logit_sd as value_split_sd,
        value_panels.typical_sigma as value_typical_sigma,
        value_panels.size_slope as value_size_slope,
        value_panels.usual_size as value_usual_size,
        value_panels.least_size as value_least_size,
        weight_exporters.variance_share as weight_x_share,
        weight_importers.variance_share as weight_m_share,
        weight_exporters.effect_sd as weight_x_sd,
        weight_importers.effect_sd as weight_m_sd,
        weight_panels.common_weight_logit_sd as weight_split_sd,
        weight_panels.typical_sigma as weight_typical_sigma,
        weight_panels.size_slope as weight_size_slope,
        weight_panels.usual_size as weight_usual_size,
        weight_panels.least_size as weight_least_size,
        paired.product_key in (select panel_products.product_key from panel_products) as is_in_panel
    from paired
    left join panels as value_panels on value_panels.figure_kind = 'value'
    left join reporters as value_exporters
        on
            value_exporters.figure_kind = 'value'
            and value_exporters.reporter_role = 'exporter'
            and paired.exporter_code = value_exporters.reporter_code
    left join reporters as value_importers
        on
            value_importers.figure_kind = 'value'
            and value_importers.reporter_role = 'importer'
            and paired.importer_code = value_importers.reporter_code
    left join panels as weight_panels on weight_panels.figure_kind = 'weight'
    left join reporters as weight_exporters
        on
            weight_exporters.figure_kind = 'weight'
            and weight_exporters.reporter_role = 'exporter'
            and paired.exporter_code = weight_exporters.reporter_code
    left join reporters as weight_importers
        on
            weight_importers.figure_kind = 'weight'
            and weight_importers.reporter_role = 'importer'
            and paired.importer_code = weight_importers.reporter_code
    left join anomalies as exporter_anomalies
        on
            exporter_anomalies.reporter_role = 'exporter'
            and paired.exporter_code = exporter_anomalies.reporter_code
            and paired.product_key = exporter_anomalies.product_key
            and year(paired.period_start) = exporter_anomalies.year
    left join anomalies as importer_anomalies
        on
            importer_anomalies.reporter_role = 'importer'
            and paired.importer_code = importer_anomalies.reporter_code
            and paired.product_key = importer_anomalies.product_key
            and year(paired.period_start) = importer_anomalies.year
),

suspected as (
    select
        *,
        case
            when not {{ exceeds('abs(ln(nullif(x_fob_usd, 0) / nullif(m_fob_usd, 0)))', 'ln(2)') }} then null
            when exporter_value_anomaly is not null and importer_value_anomaly is null then 0.0
            when importer_value_anomaly is not null and exporter_value_anomaly is null then 1.0
        end as suspect_value_weight,
        case
            when not {{ exceeds('abs(ln(nullif(x_weight_kg, 0) / nullif(m_weight_kg, 0)))', 'ln(2)') }} then null
            when exporter_weight_anomaly is not null and importer_weight_anomaly is null then 0.0
            when importer_weight_anomaly is not null and exporter_weight_anomaly is null then 1.0
        end as suspect_weight_weight
    from judged
),

weighted as (
    select
        *,
        case
            when is_in_panel and x_fob_usd is not null and m_fob_usd is not null
                then {{ settled(exporter_weight('value')) }}
        end as panel_value_weight,
        case
            when is_in_panel and x_weight_status = 'reported' and m_weight_status = 'reported'
                then {{ settled(exporter_weight('weight')) }}
        end as panel_weight_weight,
        case
            when not is_in_panel then null
            when m_fob_usd is null and x_fob_usd > 0 then {{ settled(own_error_sd('value', 'x', 'x_fob_usd')) }}
            when x_fob_usd is null and m_fob_usd > 0 then {{ settled(own_error_sd('value', 'm', 'm_fob_usd')) }}
        end as value_own_sd,
        case
            when not is_in_panel then null
            when x_weight_status = 'reported' and coalesce(m_weight_status <> 'reported', true) and x_weight_kg > 0
                then {{ settled(own_error_sd('weight', 'x', 'x_weight_kg')) }}
            when m_weight_status = 'reported' and coalesce(x_weight_status <> 'reported', true) and m_weight_kg > 0
                then {{ settled(own_error_sd('weight', 'm', 'm_weight_kg')) }}
        end as weight_own_sd
    from suspected
),

spread as (
    select
        *,
        {{ settled(position_sd('panel_value_weight', 'value')) }} as w_value_sd,
        {{ settled(position_sd('panel_weight_weight', 'weight')) }} as w_weight_sd
    from weighted
)

select
    *,
    case when panel_value_weight is not null then coalesce(suspect_value_weight, panel_value_weight) end
        as w_exporter_value,
    case when panel_weight_weight is not null then coalesce(suspect_weight_weight, panel_weight_weight) end
        as w_exporter_weight,
    {{ settled(position_end('greatest', 'value', 0, '-')) }} as w_value_low,
    {{ settled(position_end('least', 'value', 1, '+')) }} as w_value_high,
    {{ settled(position_end('greatest', 'weight', 0, '-')) }} as w_weight_low,
    {{ settled(position_end('least', 'weight', 1, '+')) }} as w_weight_high
from spread
