-- Grain: one statement, what one release says of one policy event.
{{ with_validity('policy_events') }}
