-- Grain: one part of a reported flow, by kind or by second partner, of one release of UN Comtrade.
{{ stage('un_comtrade__trade_via', 'trade_via') }}
