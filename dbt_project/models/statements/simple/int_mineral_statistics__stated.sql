-- Grain: one statement, what one release says of one measured thing (a country's production of a year, say).
{{ with_validity('mineral_statistics') }}
