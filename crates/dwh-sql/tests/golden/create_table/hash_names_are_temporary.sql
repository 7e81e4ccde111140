CREATE TABLE #stage (a int);
SELECT a INTO #other FROM #stage;
CREATE TABLE #third AS SELECT 1 AS a;
