-- Grain: one statement, what one release of one edition says of the price of one material in one year.
{{ with_validity('prices') }}
