-- Grain: one statement, what one release says of one policy event.
{{ stated('policy_events', ['event_id']) }}
