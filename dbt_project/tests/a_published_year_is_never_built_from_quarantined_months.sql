-- India's partner labels of 2023-04 to 2024-03 are wrong, so no year with one of these months has partners.
select *
from {{ ref('int_trade__built_years') }}
where
    reporter_code = 'IND'
    and product_key = 'HS:2846'
    and not is_partner_world
    and period_start < date '2024-04-01'
    and period_end >= date '2023-04-01'
