-- Grain: one statement, what one release says of one part of a flow: its kind, or its second partner.
{{ with_validity('trade_via') }}
