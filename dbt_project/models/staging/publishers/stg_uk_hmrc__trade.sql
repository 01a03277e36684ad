-- Grain: one record of HMRC, a part of its flow, of one release of one year of a code.
{{ stage('uk_hmrc__trade', 'trade') }}
