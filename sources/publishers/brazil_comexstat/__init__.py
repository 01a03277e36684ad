"""Comex Stat (Ministry of Development, Industry, Trade and Services): Brazil's monthly trade by eight-digit line."""
