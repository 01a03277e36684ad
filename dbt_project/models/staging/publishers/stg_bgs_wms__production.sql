-- Grain: one measured cell of one release of BGS's world mineral statistics.
{{ stage('bgs_wms__production', 'mineral_statistics') }}
