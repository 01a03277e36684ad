-- Grain: one quota of one release of China's control figures.
{{ stage('china_quotas__quotas', 'quotas') }}
