SELECT a ~ '^x\\.y' AS r, a ~* 'x' AS i, a !~ 'x' AS n, b ^ 2 AS p, |/ 16 AS s, @ -5 AS v, 5 # 3 AS x, 5 & 3 AS y, 5 | 3 AS z, ~ 5 AS w, 1 << 2 AS l FROM t;
SELECT a SIMILAR TO 'x%', a LIKE '10\\%' ESCAPE '\\', a ILIKE 'X%', a NOT IN (1, 2), a BETWEEN 1 AND 2, a IS NOT NULL FROM t;
SELECT a || 'x' || NULL, 'it''s' || '\'' || E'\t' || $$dollar$$ FROM t;
