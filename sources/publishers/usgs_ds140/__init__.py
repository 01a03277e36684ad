"""USGS Data Series 140: rare-earth mine production of the United States and the world, year by year since 1900."""
