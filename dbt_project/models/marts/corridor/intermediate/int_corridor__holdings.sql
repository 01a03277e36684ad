-- Grain: one flow of the calendar of what is held (mart_coverage_calendar): exporter × importer × product × period,
-- with the status of either report. The flow is held where one of the two is.
with calendar as (
    select
        case flow when 'export' then reporter_code else partner_code end as exporter_code,
        case flow when 'export' then partner_code else reporter_code end as importer_code,
        flow,
        product_key,
        period_type,
        period_start,
        period_end,
        period_label,
        holding_status
    from {{ ref('mart_coverage_calendar') }}
    where partner_code <> 'WLD'
)

select
    exporter_code,
    importer_code,
    product_key,
    period_type,
    period_start,
    period_end,
    period_label,
    max(holding_status) filter (where flow = 'export') as exporter_holding_status,
    max(holding_status) filter (where flow = 'import') as importer_holding_status,
    {{ first_of('holding_status', ['held', 'quarantined', 'not_listed', 'not_published_yet', 'not_held']) }}
        as holding_status
from calendar
group by exporter_code, importer_code, product_key, period_type, period_start, period_end, period_label
