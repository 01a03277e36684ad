-- Grain: one figure of one year, country or use, and scenario of one edition of the outlook.
{{ stage('iea__outlook', 'outlook') }}
