-- Grain: one reported flow of one release of India's monthly customs trade.
{{ stage('india_tradestat__trade', 'trade') }}
