-- Grain: one flow of one unit of quantity, a part of its flow, of one release of a query of DataWeb.
{{ stage('usitc_dataweb__trade', 'trade') }}
