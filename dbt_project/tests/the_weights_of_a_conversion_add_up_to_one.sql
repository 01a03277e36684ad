-- Where a conversion is stated its weights add up to 1, and no successor has a weight while another has none.
select
    from_revision,
    from_code,
    to_revision,
    sum(weight) as added
from {{ ref('dim_hs_correlation') }}
group by from_revision, from_code, to_revision
having
    {{ differs(exact_sum('weight', scale=12), '1') }}
    or count(weight) not in (0, count(*))
    or (count(*) = 1 and count(weight) = 0)
