-- Grain: one reported flow of one release, in any layout of UN Comtrade.
{{ stage_trade('un_comtrade__trade') }}
