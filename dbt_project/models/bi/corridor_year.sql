-- Grain: one direction of India–China trade × product × calendar year (products: var bi_corridor_products).
{{ bi_corridor('calendar_year') }}
