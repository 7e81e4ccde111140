select * from {{ ref('staged_plays') }} where seconds > 3600
