-- Grain: one member of one group of areas.
select
    group_code,
    member_code,
    cast(member_from as date) as member_from,
    cast(member_to as date) as member_to
from {{ ref('seed_area_group_member') }}
