-- Grain: what became of one code, of six digits or a heading of scrap, in the next edition of the HS: one row a
-- successor.
select
    from_revision,
    from_code,
    to_revision,
    to_code,
    products.product_key,
    relation_type,
    weight,
    relation_basis,
    correlations.caveat,
    citation
from {{ ref('seed_hs_correlation') }} as correlations
inner join {{ ref('seed_product') }} as products on 'HS:' || correlations.to_code = products.product_key
