-- Grain: one reconciled flow of one release of BACI.
{{ stage('cepii_baci__flows', 'trade_reference') }}
