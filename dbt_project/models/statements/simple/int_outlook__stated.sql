-- Grain: one statement, what one release of an outlook says of one year: country or use, and scenario.
{{ with_validity('outlook') }}
