-- Grain: one flow between two countries and kind of figure: both sides with the exporter's weight, and how far reports
-- of such a flow usually lie apart. Every product is weighted: records are of reporters, and a side without one counts
-- as the usual. A reporter whose figures look like a mistake of unit has no weight where its report lies off. The level
-- of gaps is that of the product, else of its chapter, else of all products.
{{ config(materialized='view', meta={'year_column': 'period_start'}) }}
with paired as (
    select * from {{ ref('int_mirror__paired') }}
),

reliability as (
    select * from {{ ref('int_mirror__reliability') }}
),

spreads as (
    select * from {{ ref('int_mirror__spreads') }}
),

anomalies as (
    select
        *,
        year(period_start) as year
    from {{ ref('int_mirror__anomalies') }}
    where anomaly is not null
),

judged_pairs as (
    select
        paired.*,
        coalesce(sqrt(paired.x_value_usd * paired.m_value_usd), paired.x_value_usd, paired.m_value_usd) as size_usd,
        exporter_anomalies.anomaly as x_anomaly,
        importer_anomalies.anomaly as m_anomaly,
        exporters.record as x_record,
        importers.record as m_record,
        case paired.figure_kind when 'value' then exporters.value_gap else exporters.weight_gap end as x_gap_effect,
        case paired.figure_kind when 'value' then importers.value_gap else importers.weight_gap end as m_gap_effect,
        case
            when exporters.n_panel_pairs > 0 and importers.n_panel_pairs > 0 then 'panel'
            when exporters.record is not null and importers.record is not null then 'prior'
            else 'none'
        end as record_basis,
        coalesce(
            of_product.log_variance,
            of_chapter.log_variance + {{ var('spread_of_unknown_product') }},
            of_all.log_variance + {{ var('spread_of_unknown_product') }}
        ) as log_variance,
        coalesce(of_product.size_slope, of_chapter.size_slope, of_all.size_slope) as size_slope,
        case
            when of_product.family is not null then 'product_gaps'
            when of_chapter.family is not null then 'chapter_gaps'
            else 'all_gaps'
        end as gap_basis
    from paired
    left join spreads as of_product
        on
            paired.figure_kind = of_product.figure_kind
            and paired.product_key = of_product.family
    left join spreads as of_chapter
        on
            paired.figure_kind = of_chapter.figure_kind
            and left(paired.hs_code, 2) = of_chapter.family
    left join spreads as of_all
        on
            paired.figure_kind = of_all.figure_kind
            and of_all.family = 'all'
    left join reliability as exporters
        on
            exporters.reporter_role = 'exporter'
            and paired.exporter_code = exporters.reporter_code
    left join reliability as importers
        on
            importers.reporter_role = 'importer'
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

-- a sole report is judged against the usual partner
weighted_pairs as (
    select
        *,
        {{ settled(exporter_weight('x_record', 'm_record')) }} as record_weight,
        {{ settled('1 - ' ~ exporter_weight('x_record', '0')) }} as x_share,
        {{ settled(exporter_weight('0', 'm_record')) }} as m_share,
        {{ settled(gap_variance('x_gap_effect', 'm_gap_effect')) }} as both_variance,
        {{ settled(gap_variance('x_gap_effect', '0')) }} as x_variance,
        {{ settled(gap_variance('0', 'm_gap_effect')) }} as m_variance,
        case
            when not {{ exceeds('abs(log_gap)', log_factor('usual_within_factor')) }} then null
            when x_anomaly is not null and m_anomaly is null then 0.0
            when m_anomaly is not null and x_anomaly is null then 1.0
        end as suspect_weight
    from judged_pairs
)

select
    *,
    coalesce(suspect_weight, record_weight) as w_exporter
from weighted_pairs
