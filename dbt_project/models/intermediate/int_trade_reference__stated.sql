-- Grain: one statement, what one release says of one reconciled flow: exporter × importer × code × period.
{{ stated('trade_reference', ['exporter_code', 'importer_code', 'hs_code', 'period_type', 'period_start']) }}
