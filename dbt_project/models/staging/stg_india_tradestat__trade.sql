-- Grain: one reported flow of one release of India's monthly customs trade.
{{ stage_trade('india_tradestat__trade') }}
