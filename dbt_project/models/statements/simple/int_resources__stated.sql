-- Grain: one statement, what one release says of one resource: country × region × deposit × substance × day.
{{ with_validity('resources') }}
