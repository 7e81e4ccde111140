INSERT INTO users (
  WITH ranked AS (
    SELECT userId, firstName, lastName, gender, level,
           ROW_NUMBER() OVER (PARTITION BY userId ORDER BY ts DESC) AS rn
    FROM staging_events WHERE userId IS NOT NULL AND page = 'NextSong'
  )
  SELECT userId, firstName, lastName, gender, level FROM ranked WHERE rn = 1
);
