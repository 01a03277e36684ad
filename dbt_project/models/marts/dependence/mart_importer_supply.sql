-- Grain: one importer's supply of one product in one calendar year: how much is China's, and how concentrated the
-- suppliers are. The importer's own reports come first; where it has none, what exporters say they sent to it. The
-- European Union is one importer, trade between its members left out. Where China lists all its buyers and this
-- importer is not among them, China's part is 0. An importer that states weights alone has China's value as China
-- reports it; one that states selected partners has China's part and no total. A year without any report since a
-- product's first whole one, up to the year that the release ends in, has a row that says so.
-- noqa: disable=LT02
with dependence as (
    select * from {{ ref('int_importer__dependence') }}
),

reports as (
    select * from {{ ref('int_importer__reports') }}
),

importers as (
    select area_code as importer_code
    from {{ ref('dim_area') }}
    where area_code in ({{ quoted(var('importers') + [var('importer_group')]) }})
),

years as (
    select
        dependence.product_key,
        unnest(generate_series(min(dependence.year), year(max(as_of.as_of_day)))) as year
    from dependence
    cross join {{ ref('stg_ledger__as_of') }} as as_of
    where not dependence.has_selected_partners
    group by dependence.product_key
),

spine as (
    select
        importers.importer_code,
        years.product_key,
        cast(years.year as integer) as year
    from importers
    cross join years
    union
    select
        importer_code,
        product_key,
        year
    from dependence
),

-- months with a total whose partners are in quarantine
months_without_partners as (
    select
        reporter_code,
        product_key,
        period_start,
        bool_or(value_usd is not null) as has_values,
        bool_or(net_weight_kg is not null) as has_weights
    from {{ ref('int_trade__months') }}
    where flow = 'import'
    group by reporter_code, product_key, period_start
    having bool_and(is_partner_world)
),

quarantined as (
    select
        reporter_code,
        product_key,
        cast(year(period_start) as integer) as year,
        bool_or(has_values) as has_values,
        bool_or(has_weights) as has_weights
    from months_without_partners
    group by reporter_code, product_key, year(period_start)
),

members as (
    select
        spine.year,
        count(distinct members.member_code) as n_members
    from spine
    inner join {{ ref('area_group_member') }} as members
        on
            members.group_code = '{{ var("importer_group") }}'
            and make_date(spine.year, 1, 1) >= members.member_from
            and coalesce(make_date(spine.year, 12, 31) <= members.member_to, true)
    group by spine.year
),

ranked as (
    select
        spine.importer_code,
        spine.product_key,
        spine.year,
        spine.importer_code = '{{ var("importer_group") }}' as is_group,
        members.n_members,
        coalesce(reports.n_members_reporting, 0) as n_members_reporting,
        coalesce(reports.n_exporters_reporting, 0) as n_exporters_reporting,
        coalesce(reports.has_whole_listing_of_china, false) as has_whole_listing_of_china,
        quarantined.year is not null as is_quarantined,
        coalesce(quarantined.has_values, false) as has_quarantined_values,
        coalesce(quarantined.has_weights, false) as has_quarantined_weights,
        dependence.supply_basis is null as is_silent,
        coalesce(
            dependence.supply_basis,
            case when reports.has_whole_listing_of_china then 'exporter_mirror' else 'none' end
        ) as supply_basis,
        coalesce(
            case dependence.supply_basis
                when 'exporter_mirror'
                    then
                        reports.n_exporters_reporting >= {{ var('least_exporters') }}
                        and (dependence.china_usd > 0 or reports.has_whole_listing_of_china)
                when 'import_reports'
                    then
                        not dependence.has_selected_partners
                        and (
                            spine.importer_code <> '{{ var("importer_group") }}'
                            or reports.n_members_reporting >= {{ var('least_members') }}
                        )
            end,
            false
        ) as is_shared,
        max(dependence.china_usd) filter (where dependence.supply_basis = 'exporter_mirror') over (
            partition by spine.importer_code, spine.product_key, spine.year
        ) as exporters_china_usd,
        dependence.* exclude (importer_code, product_key, year, supply_basis)
    from spine
    inner join members on spine.year = members.year
    left join reports
        on
            spine.product_key = reports.product_key
            and spine.year = reports.year
    left join quarantined
        on
            spine.importer_code = quarantined.reporter_code
            and spine.product_key = quarantined.product_key
            and spine.year = quarantined.year
    left join dependence
        on
            spine.importer_code = dependence.importer_code
            and spine.product_key = dependence.product_key
            and spine.year = dependence.year
    qualify row_number() over (
        partition by spine.importer_code, spine.product_key, spine.year
        order by is_shared desc, dependence.supply_basis = 'import_reports' desc
    ) = 1
),

with_shares as (
    select
        ranked.*,
        make_date(ranked.year, 12, 31) + to_days({{ var('calendar_reporters')['CHN']['lag_days']['calendar_year'] }})
        > as_of.as_of_day as is_early,
        is_group and supply_basis = 'import_reports' and not is_shared as is_partial_group,
        supply_basis = 'exporter_mirror'
        and has_whole_listing_of_china
        and coalesce(china_usd, 0) = 0
        and coalesce(china_kg, 0) = 0 as has_zero_from_china,
        -- reports of weights alone: the value is that of China's report
        coalesce(
            supply_basis = 'import_reports'
            and listed_usd is null
            and not has_selected_partners
            and not is_group
            and exporters_china_usd > 0,
            false
        ) as has_value_of_exporters
    from ranked
    cross join {{ ref('stg_ledger__as_of') }} as as_of
),

shown as (
    select
        * replace (
            case
                when has_value_of_exporters then exporters_china_usd
                when is_shared or has_selected_partners then china_usd
                when china_usd > 0 and not is_partial_group then china_usd
                when has_zero_from_china then 0
            end as china_usd,
            case
                when is_shared or has_selected_partners then china_kg
                when china_kg > 0 and not is_partial_group and not has_estimated_weights then china_kg
                when has_zero_from_china then 0
            end as china_kg
        )
    from with_shares
),

with_statuses as (
    select
        *,
        {%- for column, figure in [('value', 'china_usd'), ('weight', 'china_kg')] %}
        case
            when {{ figure }} is not null then 'held'
            when has_quarantined_{{ column }}s then 'quarantined'
            when is_early then 'not_published_yet'
            else 'not_held'
        end as {{ column }}_holding_status
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from shown
)

select
    ranked.importer_code,
    areas.area_name as importer_name,
    ranked.product_key,
    products.stage_code,
    {{ calendar_year_columns('ranked.year') }},
    ranked.year,
    ranked.supply_basis,
    case when ranked.has_value_of_exporters then 'FOB' else ranked.valuation end as valuation,
    case when ranked.is_shared then ranked.n_partners end as n_partners,
    case when ranked.is_shared then ranked.listed_usd end as listed_usd,
    ranked.china_usd,
    case when ranked.is_shared then ranked.china_value_share end as china_value_share,
    case when ranked.is_shared then ranked.value_hhi end as value_hhi,
    case when ranked.is_shared then ranked.listed_kg end as listed_kg,
    ranked.china_kg,
    case when ranked.is_shared then ranked.china_weight_share end as china_weight_share,
    case when ranked.is_shared then ranked.weight_hhi end as weight_hhi,
    case when ranked.is_shared then ranked.n_partners_without_weight end as n_partners_without_weight,
    case when ranked.is_group then cast(ranked.n_members as integer) end as n_members,
    case when ranked.is_group then cast(ranked.n_members_reporting as integer) end as n_members_reporting,
    cast(ranked.n_exporters_reporting as integer) as n_exporters_reporting,
    ranked.supply_basis = 'import_reports'
    and ranked.is_shared
    and not ranked.has_lumped_partners
    and (not ranked.is_group or ranked.n_members_reporting = ranked.n_members) as is_complete,
    case
        when 'held' in (ranked.value_holding_status, ranked.weight_holding_status) then 'held'
        when ranked.is_quarantined then 'quarantined'
        else ranked.value_holding_status
    end as holding_status,
    ranked.value_holding_status,
    ranked.weight_holding_status,
    nullif(
        concat_ws(
            ', ',
            case when ranked.is_built_from_months then 'built_from_months' end,
            case when ranked.has_lumped_partners then 'lumped_partners' end,
            case when ranked.has_selected_partners then 'selected_partners' end,
            case when ranked.is_group and ranked.n_members_reporting < ranked.n_members then 'members_missing' end,
            case when ranked.supply_basis = 'none' then 'no_report' end,
            case
                when ranked.is_quarantined and ranked.supply_basis <> 'import_reports' then 'partners_in_quarantine'
            end,
            case when ranked.has_zero_from_china then 'china_reports_none' end,
            case
                when
                    ranked.supply_basis = 'exporter_mirror'
                    and not ranked.has_whole_listing_of_china
                    and coalesce(ranked.china_usd, 0) = 0
                    then 'china_undetermined'
            end,
            case
                when ranked.supply_basis = 'exporter_mirror' and ranked.n_exporters_reporting = 1
                    then 'single_exporter'
            end,
            case
                when
                    ranked.supply_basis = 'exporter_mirror'
                    and ranked.n_exporters_reporting between 2 and {{ var('least_exporters') }} - 1
                    then 'too_few_exporters'
            end,
            case
                when not ranked.is_silent and ranked.listed_usd is null and not ranked.has_selected_partners
                    then 'values_missing'
            end,
            case when ranked.has_value_of_exporters then 'value_of_exporters' end,
            case when ranked.has_weight_of_other_report then 'weight_of_other_report' end,
            case when ranked.has_estimated_weights then 'weights_estimated' end,
            case when ranked.n_partners_without_weight > 0 then 'weights_missing' end
        ),
        ''
    ) as coverage_note
from with_statuses as ranked
inner join {{ ref('dim_area') }} as areas on ranked.importer_code = areas.area_code
inner join {{ ref('dim_product') }} as products on ranked.product_key = products.product_key
