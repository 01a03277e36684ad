-- Grain: one reported flow of one release of one year of a code of the United States' trade.
{{ stage('us_census__trade', 'trade') }}
