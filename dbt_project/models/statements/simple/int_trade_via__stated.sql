-- Grain: one statement of one release: one part of a flow, by its kind or second partner.
{{ with_validity('trade_via') }}
