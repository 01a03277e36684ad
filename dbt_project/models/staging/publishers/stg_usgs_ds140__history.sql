-- Grain: one measured cell of one release of Data Series 140.
{{ stage('usgs_ds140__history', 'mineral_statistics') }}
