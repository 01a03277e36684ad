-- Grain: one statement, what one release of one edition says of one statistic of a salient table in one period.
{{ with_validity('salient') }}
