-- Grain: one direction of India–China trade × product × month (products: var bi_corridor_products).
{{ bi_corridor('month') }}
