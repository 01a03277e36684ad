-- Grain: one month of one listing with a printed total, of headings and the lines of event_lines: whether partners are
-- listed, with values, and with weights that make up the total.
{{ config(materialized='incremental') }}
select
    listing_across_measures_id,
    max(listing_series_id) as listing_series_id,
    max(period_start) as period_start,
    bool_or(not is_partner_world) as has_partners,
    bool_or(not is_partner_world and value_high_usd is not null) as has_values,
    bool_or(not is_partner_world and net_weight_kg is not null)
    and bool_and(is_partner_world or net_weight_kg is not null)
    and {{ weights_make_up_the_total() }} as has_weights
from {{ of_years(ref('int_trade__months')) }}
where {{ is_of_event_series() }}
group by listing_across_measures_id
having bool_or(is_partner_world)
