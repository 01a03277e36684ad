-- Grain: one statement, what one release says of one resource: country × region × deposit × substance × day.
{{ with_validity('resources', ['country_code', 'region_code', 'deposit', 'substance', 'as_of_start', 'as_of_end']) }}
