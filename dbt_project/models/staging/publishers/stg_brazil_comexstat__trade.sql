-- Grain: one reported flow of one release of one year of a code of Brazil's trade.
{{ stage('brazil_comexstat__trade', 'trade') }}
