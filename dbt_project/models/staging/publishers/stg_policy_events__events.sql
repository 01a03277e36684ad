-- Grain: one policy event of one release of the list.
{{ stage('policy_events__events', 'policy_events') }}
