"""BGS World Mineral Statistics: production of rare-earth minerals and oxides by country, fetched by each user."""
