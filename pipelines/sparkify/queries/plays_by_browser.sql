-- Which browsers do listeners use?
SELECT CASE
           WHEN user_agent LIKE '%Chromium/%' THEN 'Chromium'
           WHEN user_agent LIKE '%Chrome/%' THEN 'Chrome'
           WHEN user_agent LIKE '%Firefox/%' THEN 'Firefox'
           WHEN user_agent LIKE '%Trident/%' THEN 'Internet Explorer'
           WHEN user_agent LIKE '%Safari/%' THEN 'Safari'
           ELSE 'other'
       END AS browser,
       COUNT(*) AS plays, COUNT(DISTINCT user_id) AS listeners
FROM songplays
GROUP BY 1
ORDER BY plays DESC, browser;
