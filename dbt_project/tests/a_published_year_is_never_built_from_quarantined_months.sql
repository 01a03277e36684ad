-- India's partner labels of 2023-04 to 2024-03 are wrong, so 2023 and 2024 cannot be built from months.
select *
from {{ ref('int_trade__built_years') }}
where
    reporter_code = 'IND'
    and product_key = 'HS:2846'
    and year in (2023, 2024)
