"""General Administration of Customs of China (GACC): China's monthly customs trade by eight-digit line."""
