-- Grain: one cell of the calendar of what is held: reporter × partner × flow × product × period. Held is a figure, or a
-- listing that is whole and leaves the partner out: then it traded nothing. A listing of every partner that prints no
-- total may leave one out as well (`not_listed`): nothing proves it whole. Any other cell has the reason, up to the
-- period that the release's last day is in.
-- noqa: disable=LT02
with reporters as (
    {%- for reporter, calendar in var('calendar_reporters').items() %}{% for partner in calendar.partners + ['WLD'] %}
    select
        '{{ reporter }}' as reporter_code,
        '{{ partner }}' as partner_code
    {%- if not loop.last %}
    union all
    {%- endif %}{% endfor %}
    {%- if not loop.last %}
    union all
    {%- endif %}{% endfor %}
),

lags as (
    {%- for reporter, calendar in var('calendar_reporters').items() %}
    {%- for period_type, days in calendar.lag_days.items() %}
    select
        '{{ reporter }}' as reporter_code,
        '{{ period_type }}' as period_type,
        {{ days }} as lag_days
    {%- if not loop.last %}
    union all
    {%- endif %}{% endfor %}
    {%- if not loop.last %}
    union all
    {%- endif %}{% endfor %}
),

figures as (
    select reports.* from {{ ref('int_trade__figures') }} as reports
    inner join reporters
        on reports.reporter_code = reporters.reporter_code and reports.partner_code = reporters.partner_code
    where reports.product_key in ({{ quoted(var('calendar_products')) }})
),

built_years as (
    select reports.* from {{ ref('int_trade__built_years') }} as reports
    inner join reporters
        on reports.reporter_code = reporters.reporter_code and reports.partner_code = reporters.partner_code
    where reports.product_key in ({{ quoted(var('calendar_products')) }})
),

china_months as (
    select reports.* from {{ ref('int_trade__china_months') }} as reports
    inner join reporters
        on reports.reporter_code = reporters.reporter_code and reports.partner_code = reporters.partner_code
    where reports.product_key in ({{ quoted(var('calendar_products')) }})
),

whole_listings as (
    select
        listings.*,
        reporters.partner_code
    from {{ ref('int_trade__whole_listings') }} as listings
    inner join reporters on listings.reporter_code = reporters.reporter_code
    where
        listings.product_key in ({{ quoted(var('calendar_products')) }})
        and reporters.partner_code <> 'WLD'
),

held as (
    select
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        period_start,
        figure_basis as held_basis,
        coalesce(value_usd, value_local) is not null as has_value,
        net_weight_kg is not null as has_weight
    from figures
    union all
    select
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        period_start,
        'built_from_months' as held_basis,
        coalesce(value_usd, value_local) is not null as has_value,
        net_weight_kg is not null as has_weight
    from built_years
    union all
    select
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        period_start,
        'not_listed' as held_basis,
        true as has_value,
        true as has_weight
    from whole_listings
    union all
    select
        reporter_code,
        partner_code,
        flow,
        product_key,
        'month' as period_type,
        period_start,
        'not_listed' as held_basis,
        value_usd is not null as has_value,
        net_weight_kg is not null as has_weight
    from china_months
    where
        month_status = 'unlisted'
        and coalesce(value_usd, net_weight_kg) is not null
),

held_cells as (
    select
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        period_start,
        -- the first of these says how: the partner's own figure comes before a listing that leaves it out
        coalesce(
            max(held_basis) filter (where held_basis = 'reported'),
            max(held_basis) filter (where held_basis = 'rolled_up'),
            max(held_basis) filter (where held_basis = 'built_from_months'),
            max(held_basis)
        ) as held_basis,
        bool_or(has_value) as has_value,
        bool_or(has_weight) as has_weight
    from held
    group by reporter_code, partner_code, flow, product_key, period_type, period_start
),

-- a listing in quarantine has no partner's figure, that of China or another
quarantined_months as (
    select distinct
        china_months.reporter_code,
        reporters.partner_code,
        china_months.flow,
        china_months.product_key,
        china_months.period_start
    from china_months
    inner join reporters on china_months.reporter_code = reporters.reporter_code
    where
        china_months.month_status = 'quarantined'
        and reporters.partner_code <> 'WLD'
),

quarantined as (
    select
        *,
        'month' as period_type
    from quarantined_months
    union
    select
        * replace (make_date(year(period_start), 1, 1) as period_start),
        'calendar_year' as period_type
    from quarantined_months
    union
    select
        * replace ({{ fiscal_year_start('period_start') }} as period_start),
        'fiscal_year' as period_type
    from quarantined_months
),

unlisted_months as (
    select distinct
        figures.reporter_code,
        reporters.partner_code,
        figures.flow,
        figures.product_key,
        figures.period_start
    from {{ ref('int_trade__figures') }} as figures
    inner join reporters on figures.reporter_code = reporters.reporter_code
    where
        figures.source_code in ({{ quoted(var('sources_of_every_partner')) }})
        and figures.product_key in ({{ quoted(var('calendar_products')) }})
        and figures.period_type = 'month'
        and reporters.partner_code <> 'WLD'
    union
    -- some of the partners of a printed total
    select
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_start
    from china_months
    where
        month_status = 'unlisted'
        and coalesce(value_usd, net_weight_kg) is null
),

-- a year of which every month is listed lists whoever one of them lists
unlisted as (
    select
        *,
        'month' as period_type
    from unlisted_months
    union all
    select
        reporter_code,
        partner_code,
        flow,
        product_key,
        make_date(year(period_start), 1, 1) as period_start,
        'calendar_year' as period_type
    from unlisted_months
    group by reporter_code, partner_code, flow, product_key, year(period_start)
    having count(*) = 12
),

first_periods as (
    select
        period_type,
        min(period_start) as first_start
    from held_cells
    group by period_type
),

flows as (
    select distinct flow from held_cells
),

products as (
    select
        products.product_key,
        areas.area_code as only_reporter_code
    from {{ ref('dim_product') }} as products
    left join {{ ref('dim_area') }} as areas on products.code_country = areas.iso2_code
    where products.product_key in ({{ quoted(var('calendar_products')) }})
),

spine as (
    select
        lags.reporter_code,
        reporters.partner_code,
        flows.flow,
        products.product_key,
        periods.period_type,
        periods.period_start,
        periods.period_end,
        periods.period_label,
        periods.period_end + to_days(lags.lag_days) > as_of.as_of_day as is_early
    from lags
    cross join {{ ref('stg_ledger__as_of') }} as as_of
    inner join {{ ref('dim_period') }} as periods
        on
            lags.period_type = periods.period_type
            and periods.period_start <= as_of.as_of_day
    inner join first_periods
        on
            periods.period_type = first_periods.period_type
            and periods.period_start >= first_periods.first_start
    inner join reporters on lags.reporter_code = reporters.reporter_code
    cross join flows
    inner join products on lags.reporter_code = coalesce(products.only_reporter_code, lags.reporter_code)
),

published as (
    select
        spine.reporter_code,
        spine.partner_code,
        spine.flow,
        spine.product_key,
        spine.period_type,
        spine.period_start,
        spine.period_end,
        spine.period_label,
        case
            when held_cells.product_key is not null then 'held'
            when quarantined.product_key is not null then 'quarantined'
            when unlisted.product_key is not null then 'not_listed'
            when spine.is_early then 'not_published_yet'
            else 'not_held'
        end as holding_status,
        held_cells.held_basis,
        coalesce(held_cells.has_value, false) as has_value,
        coalesce(held_cells.has_weight, false) as has_weight
    from spine
    left join held_cells
        on
            spine.reporter_code = held_cells.reporter_code
            and spine.partner_code = held_cells.partner_code
            and spine.flow = held_cells.flow
            and spine.product_key = held_cells.product_key
            and spine.period_type = held_cells.period_type
            and spine.period_start = held_cells.period_start
    left join quarantined
        on
            spine.reporter_code = quarantined.reporter_code
            and spine.partner_code = quarantined.partner_code
            and spine.flow = quarantined.flow
            and spine.product_key = quarantined.product_key
            and spine.period_type = quarantined.period_type
            and spine.period_start = quarantined.period_start
    left join unlisted
        on
            spine.reporter_code = unlisted.reporter_code
            and spine.partner_code = unlisted.partner_code
            and spine.flow = unlisted.flow
            and spine.product_key = unlisted.product_key
            and spine.period_type = unlisted.period_type
            and spine.period_start = unlisted.period_start
)

{{ named('published', ['reporter_code', 'partner_code']) }}
