-- Grain: one flow, or one trade mode of a flow, of one release of China's customs.
{{ stage('china_customs__trade', 'trade') }}
