-- Grain: one printed share of one release of an answer to Parliament.
{{ stage('pib_india__shares', 'published_shares') }}
