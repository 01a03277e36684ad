-- Grain: one record of Comext, a part of its flow by statistical procedure, of one release of one month.
{{ stage('eurostat_comext__trade', 'trade') }}
