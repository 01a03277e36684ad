-- Grain: one statistic of one commodity and year, or of one import source, in one release of the salient statistics.
{{ stage('usgs_mcs__salient', 'salient') }}
