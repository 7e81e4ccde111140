{{ config(materialized='incremental', unique_key='play_id', incremental_strategy='delete+insert', on_schema_change='append_new_columns') }}
select play_id, user_id, song, seconds, played_at
from {{ ref('staged_plays') }}
{% if is_incremental() %}
where played_at >= (select dateadd(day, -1, max(played_at)) from {{ this }})
{% endif %}
