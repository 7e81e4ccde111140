{{ config(materialized='table', dist='all') }}
select u.user_id, u.name, u.level, p.last_play
from {{ ref('raw_users') }} u
left join (select user_id, max(played_at) as last_play from {{ ref('staged_plays') }} group by user_id) p using (user_id)
