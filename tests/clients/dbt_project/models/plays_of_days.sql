{{ config(materialized='table', dist='day', sort=['day', 'level'], sort_type='compound') }}
select trunc(played_at) as day, level, count(*) as plays, sum(seconds) as seconds, listagg(song, '; ') within group (order by song) as songs
from {{ ref('staged_plays') }}
group by 1, 2
