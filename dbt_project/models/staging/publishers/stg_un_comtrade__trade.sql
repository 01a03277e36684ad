-- Grain: one reported flow of one release, in any layout of UN Comtrade.
{{ stage('un_comtrade__trade', 'trade') }}
