-- Grain: one resource of one release of India's atomic minerals directorate.
{{ stage('india_amd__resources', 'resources') }}
