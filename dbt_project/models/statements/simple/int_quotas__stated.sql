-- Grain: one statement, what one release says of one quota: country × kind × year × batch × part.
{{ with_validity('quotas') }}
