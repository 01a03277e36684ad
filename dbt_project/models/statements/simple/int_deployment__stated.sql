-- Grain: one statement, what one release says a country put to use in one period: use × class.
{{ with_validity('deployment') }}
