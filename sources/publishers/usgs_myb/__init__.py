"""USGS Minerals Yearbook: world mine production of rare earths by country, five years an edition."""
