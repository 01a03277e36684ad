-- Grain: one statement, what one release says of one partner's share of a flow.
{{ with_validity('published_shares', [
    'share_measure', 'reporter_code', 'partner_code', 'flow', 'code_country', 'hs_code', 'period_type', 'period_start',
]) }}
