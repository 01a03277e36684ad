-- A price of a material that seed_priced_material lacks would be missing from mart_price.
select distinct
    prices.elements,
    prices.form
from {{ ref('fct_price') }} as prices
left join {{ ref('seed_priced_material') }} as materials
    on
        prices.elements = materials.elements
        and prices.form = materials.form
where materials.material_name is null
