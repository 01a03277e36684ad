-- Grain: one India–China trade in rare earths, all stages: exporter × importer × period. The total is there only where
-- all its products are held: metals, compounds and magnets, by the reconciled value of each, and with the reports that
-- it rests on. Else the row says which are missing.
-- noqa: disable=LT02
with parts as (
    select
        exporter_code,
        exporter_name,
        importer_code,
        importer_name,
        period_type,
        period_start,
        period_end,
        period_label,
        product_key,
        holding_status,
        -- a value of which only the bounds are known is less than half a digit: it counts as the lower one
        coalesce(value_usd, value_low_usd) as value_usd,
        value_basis
    from {{ ref('mart_corridor') }}
    where
        product_key in ({{ quoted(var('corridor_total_products').values()) }})
        -- ranges of months overlap; the calendar has none
        and period_type <> 'month_range'
),

added_up as (
    select
        exporter_code,
        exporter_name,
        importer_code,
        importer_name,
        period_type,
        period_start,
        period_end,
        period_label,
        count(value_usd) = {{ var('corridor_total_products') | length }} as is_complete,
        {%- for stage, product in var('corridor_total_products').items() %}
        max(value_usd) filter (where product_key = '{{ product }}') as {{ stage }}_usd,
        max(value_basis) filter (where product_key = '{{ product }}') as {{ stage }}_value_basis,
        {%- endfor %}
        {{ exact_sum('value_usd') }} as held_usd,
        string_agg(product_key, ', ' order by product_key) filter (where value_usd is null) as missing_products,
        {{ first_of("case when value_usd is null then coalesce(nullif(holding_status, 'held'), 'not_held') end",
            ['quarantined', 'not_held', 'not_listed', 'not_published_yet']) }} as gap_status
    from parts
    group by
        exporter_code, exporter_name, importer_code, importer_name, period_type, period_start, period_end, period_label
)

select
    exporter_code,
    exporter_name,
    importer_code,
    importer_name,
    period_type,
    period_start,
    period_end,
    period_label,
    {%- for stage in var('corridor_total_products') %}
    {{ stage }}_usd,
    coalesce({{ stage }}_value_basis, 'none') as {{ stage }}_value_basis,
    {%- endfor %}
    case when is_complete then {{ settled('held_usd') }} end as total_usd,
    case when is_complete then 'held' else gap_status end as holding_status,
    missing_products
from added_up
