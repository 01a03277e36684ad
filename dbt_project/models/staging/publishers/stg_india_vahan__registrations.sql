-- Grain: one number of vehicles of one page that quotes the register.
{{ stage('india_vahan__registrations', 'deployment') }}
