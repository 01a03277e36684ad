-- Grain: one statement, what one release of an outlook says of one year: a country's mining or refining, or a use's demand.
{{ with_validity('outlook') }}
