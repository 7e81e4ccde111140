{{ config(materialized='materialized_view', auto_refresh=False) }}
select user_id, sum(seconds) as seconds from {{ ref('raw_plays') }} group by user_id
