-- Grain: one measured cell of one release of one Minerals Yearbook world table.
{{ stage('usgs_myb__world', 'mineral_statistics') }}
