-- Hour, day, week, month and weekday are what a calendar has.
SELECT start_time, hour, day, week, month, year, weekday
FROM time
WHERE hour NOT BETWEEN 0 AND 23 OR day NOT BETWEEN 1 AND 31 OR week NOT BETWEEN 1 AND 53
   OR month NOT BETWEEN 1 AND 12 OR weekday NOT BETWEEN 0 AND 6
   OR year <> EXTRACT(year FROM start_time);
