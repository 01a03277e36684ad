-- Grain: one price of one material and year in one release of one edition's salient statistics.
{{ stage('usgs_mcs__prices', 'prices') }}
