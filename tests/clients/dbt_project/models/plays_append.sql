{{ config(materialized='incremental', incremental_strategy='append') }}
select play_id, getdate() as loaded_at from {{ ref('staged_plays') }}
{% if is_incremental() %}
where play_id > (select max(play_id) from {{ this }})
{% endif %}
