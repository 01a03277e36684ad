-- Grain: one statement, what one release says of one partner's share of a flow.
{{ with_validity('published_shares') }}
