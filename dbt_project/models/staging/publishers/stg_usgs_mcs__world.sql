-- Grain: one measured cell of one release of one edition's rare-earth world table.
{{ stage('usgs_mcs__world', 'mineral_statistics') }}
