-- Grain: one reported flow of one release of an answer to Parliament.
{{ stage('pib_india__trade', 'trade') }}
