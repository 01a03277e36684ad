"""USGS Mineral Commodity Summaries: mine production and reserves of rare earths, by country and edition."""
