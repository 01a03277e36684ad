-- Grain: one row: the version of the reconciliation method: its name, the years of its panel, and a hash of every
-- number that it uses. Two releases with the same version reconcile the same reports alike.
{{ config(post_hook='{{ build_every_mirror_if_its_method_changed() }}') }}
-- depends_on: {{ ref('int_trade__cif_rates') }}
-- noqa: disable=LT02
with reliability as (
    select * from {{ ref('int_mirror__reliability') }}
),

spreads as (
    select * from {{ ref('int_mirror__spreads') }}
),

panel as (
    select * from {{ ref('int_mirror__panel') }}
    where has_all_reporters
),

parameters as (
    select concat_ws(' ', reporter_role, reporter_code, record, value_gap, weight_gap) as parameter
    from reliability
    union all
    select concat_ws(' ', figure_kind, family, log_variance, size_slope) as parameter
    from spreads
    {%- for name in [
        'cif_margin', 'cif_ratio_applied', 'mirror_weights', 'panel_least_usd', 'quantile_both_reports',
        'quantile_sole_report', 'spread_of_unknown_product', 'spread_reference_usd'
    ] %}
    union all
    select '{{ name }} {{ var(name) | string | replace("'", "") }}' as parameter
    {%- endfor %}
),

fingerprint as (
    select
        left(
            md5(array_to_string(list_sort(list(parameter)), ';')),
            {{ var('method_hash_length') }}
        ) as parameter_hash
    from parameters
),

panel_years as (
    select coalesce(array_to_string(list_sort(list(distinct year(period_start))), '+'), 'prior') as panel_years
    from panel
)

select
    concat_ws('-', '{{ var('mirror_method') }}', panel_years.panel_years, fingerprint.parameter_hash) as method_version
from fingerprint
cross join panel_years
