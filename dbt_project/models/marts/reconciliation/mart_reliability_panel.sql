-- Grain: one kind of figure (value, weight) and family of products (a product, a chapter of the HS, or all): how far
-- two reports of a flow usually lie apart, and on what that rests.
select
    figure_kind,
    family,
    spread_basis,
    cast(n_pairs as integer) as n_pairs,
    log_variance,
    size_slope,
    {{ settled('exp(sqrt(exp(log_variance)))') }} as usual_factor
from {{ ref('int_mirror__spreads') }}
