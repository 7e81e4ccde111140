{{ config(materialized='view', bind=False) }}
select play_id, user_id, nullif(song, '') as song, level, seconds, played_at
from {{ ref('raw_plays') }}
