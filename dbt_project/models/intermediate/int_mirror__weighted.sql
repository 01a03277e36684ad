-- Grain: one flow between two countries, both sides beside each other, with the exporter's weight in value and in net
-- weight and the ends of its interval; null where the panel does not identify both reporters, or holds no panel of the
-- product: what it says of magnets is not said of compounds.
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
        common_weight_logit_sd
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

judged as (
    select
        paired.*,
        value_exporters.variance_share as value_x_share,
        value_importers.variance_share as value_m_share,
        value_exporters.effect_sd as value_x_sd,
        value_importers.effect_sd as value_m_sd,
        value_panels.common_weight_logit_sd as value_split_sd,
        weight_exporters.variance_share as weight_x_share,
        weight_importers.variance_share as weight_m_share,
        weight_exporters.effect_sd as weight_x_sd,
        weight_importers.effect_sd as weight_m_sd,
        weight_panels.common_weight_logit_sd as weight_split_sd,
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
),

weighted as (
    select
        *,
        case
            when is_in_panel and x_fob_usd is not null and m_fob_usd is not null
                then {{ exporter_weight('value') }}
        end as w_exporter_value,
        case
            when is_in_panel and x_weight_kg is not null and m_weight_kg is not null
                then {{ exporter_weight('weight') }}
        end as w_exporter_weight
    from judged
),

spread as (
    select
        *,
        {{ position_sd('w_exporter_value', 'value') }} as w_value_sd,
        {{ position_sd('w_exporter_weight', 'weight') }} as w_weight_sd
    from weighted
)

select
    *,
    case when w_value_sd is not null then greatest(0, w_exporter_value - {{ position_z() }} * w_value_sd) end
        as w_value_low,
    case when w_value_sd is not null then least(1, w_exporter_value + {{ position_z() }} * w_value_sd) end
        as w_value_high,
    case when w_weight_sd is not null then greatest(0, w_exporter_weight - {{ position_z() }} * w_weight_sd) end
        as w_weight_low,
    case when w_weight_sd is not null then least(1, w_exporter_weight + {{ position_z() }} * w_weight_sd) end
        as w_weight_high
from spread
