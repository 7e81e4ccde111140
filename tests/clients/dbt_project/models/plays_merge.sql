{{ config(materialized='incremental', unique_key='play_id', incremental_strategy='merge') }}
select play_id, user_id, song, seconds, played_at
from {{ ref('staged_plays') }}
{% if is_incremental() %}
where played_at >= (select max(played_at) from {{ this }})
{% endif %}
