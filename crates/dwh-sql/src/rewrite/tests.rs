//! Each rule as text: what a user writes, what the planner gets.

use super::{NameResolver, rewrite_query, strip_label_marker};
use crate::parse;
use crate::statement::{InsertSource, Statement, TableName};

/// A catalog of four tables.
struct Tables;

impl NameResolver for Tables {
    fn columns(&self, table: &TableName) -> Option<Vec<String>> {
        let columns: &[&str] = match table.name.as_str() {
            "t" => &["a", "b", "ts", "txt"],
            "u" => &["a", "c"],
            "users" => &["user_id", "first_name", "level"],
            "staging_events" => &["artist", "song", "length", "page", "ts", "userid", "firstname", "level"],
            _ => return None,
        };
        Some(columns.iter().map(|column| (*column).to_owned()).collect())
    }
}

/// The rewritten query as text, the mark of repeated labels shown as `␁`, or the error's message.
fn rewritten(sql: &str) -> String {
    let mut query = match parse(sql).map(|mut statements| statements.remove(0).statement) {
        Ok(Statement::Query(query)) => query,
        Ok(Statement::Insert(insert)) => match insert.source {
            InsertSource::Query(query) => query,
            other => panic!("no query: {other:?}"),
        },
        Ok(other) => panic!("no query: {other:?}"),
        Err(error) => return error.message,
    };
    match rewrite_query(&mut query, &Tables) {
        Ok(()) => query.to_string().replace('\u{1}', "␁"),
        Err(error) => error.message,
    }
}

/// Compares many; the first difference names the query.
fn check(cases: &[(&str, &str)]) {
    for (sql, expected) in cases {
        assert_eq!(rewritten(sql), *expected, "\nof: {sql}");
    }
}

#[test]
fn an_alias_is_known_later_in_the_same_list() {
    check(&[
        (
            "SELECT a + 1 AS x, x * 2 AS y, y - x AS z FROM t",
            "SELECT a + 1 AS x, (a + 1) * 2 AS y, ((a + 1) * 2) - (a + 1) AS z FROM t",
        ),
        (
            "SELECT TIMESTAMP 'epoch' + ts/1000 * INTERVAL '1 second' AS start_time, EXTRACT(hour FROM start_time) AS hour FROM t",
            "SELECT CAST('1970-01-01 00:00:00' AS TIMESTAMP(6)) + ts / 1000 * INTERVAL '1 seconds' AS start_time, \
             __extract('hour', (CAST('1970-01-01 00:00:00' AS TIMESTAMP(6)) + ts / 1000 * INTERVAL '1 seconds')) AS hour FROM t",
        ),
        // A FROM column of that name wins.
        ("SELECT a + 1 AS b, b * 2 AS y FROM t", "SELECT a + 1 AS b, b * 2 AS y FROM t"),
        // An alias named like a date part is no date part.
        (
            "SELECT EXTRACT(day FROM ts) AS day, DATEADD(day, 1, ts) AS next FROM t",
            "SELECT __extract('day', ts) AS day, dateadd('day', 1, ts) AS next FROM t",
        ),
        // Columns of a table that is not there cannot be told from aliases: nothing is inlined.
        ("SELECT a + 1 AS x, x * 2 AS y FROM missing", "SELECT a + 1 AS x, x * 2 AS y FROM missing"),
    ]);
}

#[test]
fn an_alias_is_known_in_where_where_no_column_has_its_name() {
    check(&[
        (
            "SELECT DISTINCT userId AS user_id, firstName AS first_name FROM staging_events \
             WHERE page = 'NextSong' AND user_id NOT IN (SELECT DISTINCT user_id FROM users)",
            "SELECT DISTINCT userid AS user_id, firstname AS first_name FROM staging_events \
             WHERE page = 'NextSong' AND userid NOT IN (SELECT DISTINCT user_id FROM users)",
        ),
        ("SELECT a AS x FROM t WHERE x > 1 AND b = 2", "SELECT a AS x FROM t WHERE a > 1 AND b = 2"),
        // The FROM column wins.
        ("SELECT a AS b FROM t WHERE b > 1", "SELECT a AS b FROM t WHERE b > 1"),
        // The sub-select binds to its own tables.
        (
            "SELECT a + 1 AS c FROM t WHERE EXISTS (SELECT 1 AS one FROM u WHERE c > 1)",
            "SELECT a + 1 AS c FROM t WHERE EXISTS (SELECT CAST(1 AS INTEGER) AS one FROM u WHERE c > 1)",
        ),
        (
            "SELECT date_trunc('day', ts) AS d, count(*) AS n FROM t GROUP BY d, upper(d) HAVING n > 1",
            "SELECT date_trunc('day', ts) AS d, count(*) AS n FROM t GROUP BY d, upper(date_trunc('day', ts)) HAVING count(*) > 1",
        ),
        // An outer column is nearer than an alias that Redshift only falls back to.
        (
            "SELECT a FROM t WHERE a IN (SELECT c AS txt FROM u WHERE txt = 'x')",
            "SELECT a FROM t WHERE a IN (SELECT c AS txt FROM u WHERE txt = 'x')",
        ),
    ]);
}

#[test]
fn with_queries_and_derived_tables_offer_their_columns() {
    check(&[
        (
            "WITH x AS (SELECT a AS k FROM t) SELECT k + 1 AS n, n + 1 AS m FROM x",
            "WITH x AS (SELECT a AS k FROM t) SELECT k + 1 AS n, (k + 1) + 1 AS m FROM x",
        ),
        (
            "WITH x (k) AS (SELECT a FROM t) SELECT 1 AS k, k AS l FROM x",
            "WITH x (k) AS (SELECT a FROM t) SELECT CAST(1 AS INTEGER) AS k, k AS l FROM x",
        ),
        (
            "SELECT max(n) AS n FROM (SELECT count(*) AS n FROM t)",
            "SELECT max(n) AS n FROM (SELECT count(*) AS n FROM t) AS __derived_1",
        ),
        (
            "SELECT * FROM (SELECT a FROM t) JOIN (SELECT c FROM u) ON a = c",
            "SELECT * FROM (SELECT a FROM t) AS __derived_1 JOIN (SELECT c FROM u) AS __derived_2 ON a = c",
        ),
    ]);
}

#[test]
fn top_is_limit() {
    check(&[
        ("SELECT TOP 5 a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a LIMIT 5"),
        ("SELECT TOP 1 DISTINCT a FROM t", "SELECT DISTINCT a FROM t LIMIT 1"),
        (
            "SELECT TOP 1 a FROM t UNION ALL SELECT c FROM u",
            "(SELECT a FROM t LIMIT 1) UNION ALL SELECT c FROM u",
        ),
        ("SELECT TOP 5 a FROM t LIMIT 3", "TOP and LIMIT cannot be used together"),
        ("SELECT a FROM t MINUS SELECT a FROM u", "SELECT a FROM t EXCEPT SELECT a FROM u"),
    ]);
}

#[test]
fn date_parts_become_their_canonical_name() {
    check(&[
        (
            "SELECT DATEADD(mon, 1, ts) AS x, DATEDIFF('Hrs', ts, ts) AS y, DATE_TRUNC('w', ts) AS z FROM t",
            "SELECT dateadd('month', 1, ts) AS x, datediff('hour', ts, ts) AS y, date_trunc('week', ts) AS z FROM t",
        ),
        (
            "SELECT EXTRACT(weekday FROM ts) AS a1, EXTRACT(DOW FROM ts) AS a2, EXTRACT('dayofyear' FROM ts) AS a3, EXTRACT(epoch FROM ts) AS a4 FROM t",
            "SELECT __extract('dayofweek', ts) AS a1, __extract('dayofweek', ts) AS a2, __extract('dayofyear', ts) AS a3, __extract('epoch', ts) AS a4 FROM t",
        ),
        (
            "SELECT DATE_PART(dw, ts) AS x, DATEPART(\"Year\", ts) AS y, DATE_PART('m', ts) AS z FROM t",
            "SELECT date_part('dayofweek', ts) AS x, datepart('year', ts) AS y, date_part('minute', ts) AS z FROM t",
        ),
        ("SELECT DATEADD(fortnight, 1, ts) FROM t", "timestamp units \"fortnight\" not recognized"),
    ]);
}

#[test]
fn an_unknown_date_part_is_placed() {
    let mut query = match parse("SELECT 1;\nSELECT DATEADD(fortnight, 1, ts) FROM t")
        .expect("parses")
        .remove(1)
        .statement
    {
        Statement::Query(query) => query,
        other => panic!("no query: {other:?}"),
    };
    let error = rewrite_query(&mut query, &Tables).expect_err("fortnight is no date part");
    assert_eq!(error.position, Some(26));
}

#[test]
fn labels_are_those_of_redshift() {
    check(&[
        (
            "SELECT count(*), sum(a), a::int8, CAST('1' AS int), 1 + 1, 'x' FROM t",
            "SELECT count(*) AS \"count\", sum(a) AS \"sum\", CAST(a AS BIGINT) AS \"a\", CAST('1' AS INTEGER) AS \"int4\", \
             1 + 1 AS \"?column?\", 'x' AS \"?column?␁2\" FROM t",
        ),
        (
            "SELECT CASE WHEN a = 1 THEN 2 END, EXTRACT(year FROM ts), DATE_PART(year, ts), DATEDIFF(day, ts, ts), NVL(a, 0), (b) FROM t",
            "SELECT CASE WHEN a = 1 THEN CAST(2 AS INTEGER) END AS \"case\", __extract('year', ts) AS \"date_part\", date_part('year', ts) AS \"pgdate_part\", \
             datediff('day', ts, ts) AS \"date_diff\", coalesce(a, CAST(0 AS INTEGER)) AS \"coalesce\", (b) AS \"b\" FROM t",
        ),
        ("SELECT a, t.b FROM t", "SELECT a, t.b FROM t"),
        (
            "SELECT current_date, sysdate, getdate()",
            "SELECT current_date() AS \"date\", sysdate() AS \"timestamp\", getdate() AS \"getdate\"",
        ),
    ]);
}

#[test]
fn equal_labels_of_one_select_are_kept_apart() {
    check(&[
        ("SELECT a, a, b AS a FROM t", "SELECT a, a AS \"a␁2\", b AS \"a␁3\" FROM t"),
        ("SELECT *, a FROM t", "SELECT *, a AS \"a␁2\" FROM t"),
        (
            "SELECT * FROM t JOIN u ON t.a = u.a",
            "SELECT t.\"a\", t.\"b\", t.\"ts\", t.\"txt\", u.\"a\" AS \"a␁2\", u.\"c\" FROM t JOIN u ON t.a = u.a",
        ),
        (
            "SELECT * FROM t JOIN u USING (a)",
            "SELECT t.\"a\", t.\"b\", t.\"ts\", t.\"txt\", u.\"c\" FROM t JOIN u ON t.\"a\" = u.\"a\"",
        ),
    ]);
    assert_eq!(strip_label_marker("count\u{1}2"), "count");
    assert_eq!(strip_label_marker("count"), "count");
}

#[test]
fn typed_literals_and_intervals_are_normalised() {
    check(&[
        (
            "SELECT TIMESTAMP WITH TIME ZONE 'epoch' + a * INTERVAL '1 Second ' AS x FROM t",
            "SELECT CAST('1970-01-01 00:00:00+00' AS TIMESTAMP(6) WITH TIME ZONE) + a * INTERVAL '1 seconds' AS x FROM t",
        ),
        (
            "SELECT DATE '1970-01-01' + a * INTERVAL '0.001 seconds' AS x, 'epoch'::timestamp AS y FROM t",
            "SELECT CAST('1970-01-01' AS DATE) + a * INTERVAL '0.001 seconds' AS x, CAST('1970-01-01 00:00:00' AS TIMESTAMP(6)) AS y FROM t",
        ),
        (
            "SELECT ts + INTERVAL '1' day AS x FROM t",
            "SELECT ts + CAST('1 days' AS interval day) AS x FROM t",
        ),
        (
            "SELECT INTERVAL '1-2' YEAR TO MONTH AS x",
            "SELECT CAST('14 months' AS interval year to month) AS x",
        ),
        ("SELECT ts + '2 hours'::interval AS x FROM t", "SELECT ts + INTERVAL '7200 seconds' AS x FROM t"),
        ("SELECT TIMESTAMP 'now' AS x", "SELECT CAST(getdate() AS TIMESTAMP(6)) AS x"),
        ("SELECT INTERVAL '1' YEAR TO DAY AS x", "\"interval year to day\" is no interval type"),
    ]);
}

#[test]
fn casts_follow_redshifts_types_and_defaults() {
    check(&[
        (
            "SELECT CAST(a AS VARCHAR) AS x, a::VARCHAR(10) AS y, a::TEXT AS z, a::CHAR(3) AS v, CAST(a AS VARCHAR(MAX)) AS w FROM t",
            "SELECT __cast_varchar(a, 256) AS x, __cast_varchar(a, 10) AS y, __cast_varchar(a, 256) AS z, __cast_char(a, 3) AS v, __cast_varchar(a, 65535) AS w FROM t",
        ),
        (
            "SELECT a::NUMERIC AS x, a::DECIMAL(10,2) AS y, a::FLOAT AS z, a::float4 AS v, CONVERT(INTEGER, txt) AS w FROM t",
            "SELECT CAST(a AS DECIMAL(18,0)) AS x, CAST(a AS DECIMAL(10,2)) AS y, CAST(a AS DOUBLE PRECISION) AS z, CAST(a AS REAL) AS v, CAST(txt AS INTEGER) AS w FROM t",
        ),
        (
            "SELECT txt::TIMESTAMP AS x, txt::timestamptz AS y, txt::bool AS z, txt::int2 AS v FROM t",
            "SELECT CAST(txt AS TIMESTAMP(6)) AS x, CAST(txt AS TIMESTAMP(6) WITH TIME ZONE) AS y, CAST(txt AS BOOLEAN) AS z, CAST(txt AS SMALLINT) AS v FROM t",
        ),
        ("SELECT a::uuid FROM t", "Column type \"uuid\" is not supported"),
        ("SELECT a::strnig FROM t", "type \"strnig\" does not exist"),
        (
            "SELECT a::numeric(39,1) FROM t",
            "NUMERIC(39,1): precision must be 1 to 38 and scale 0 to 37 and at most the precision",
        ),
    ]);
}

#[test]
fn functions_take_the_form_that_the_planner_knows() {
    check(&[
        (
            "SELECT NVL(a, b, 0) AS x, ISNULL(a, 1) AS y FROM t",
            "SELECT coalesce(a, b, CAST(0 AS INTEGER)) AS x, coalesce(a, CAST(1 AS INTEGER)) AS y FROM t",
        ),
        (
            "SELECT NVL2(a, 1, 2) AS x FROM t",
            "SELECT CASE WHEN a IS NOT NULL THEN CAST(1 AS INTEGER) ELSE CAST(2 AS INTEGER) END AS x FROM t",
        ),
        (
            "SELECT DECODE(a, 1, 'one', NULL, 'none', b, 'b', 'many') AS x FROM t",
            "SELECT CASE WHEN a = 1 THEN 'one' WHEN a IS NULL THEN 'none' WHEN a IS NOT DISTINCT FROM b THEN 'b' ELSE 'many' END AS x FROM t",
        ),
        (
            "SELECT LISTAGG(DISTINCT txt, ', ') WITHIN GROUP (ORDER BY txt DESC) AS x FROM t",
            "SELECT __listagg(txt, ', ', 'distinct df', txt) AS x FROM t",
        ),
        ("SELECT APPROXIMATE COUNT(DISTINCT a) FROM t", "SELECT approx_distinct(a) AS \"count\" FROM t"),
        ("SELECT CONCAT(txt, 'x') AS x FROM t", "SELECT concat(txt, 'x') AS x FROM t"),
        ("SELECT CONCAT(txt, 'x', 'y') AS x FROM t", "function concat takes 2 arguments, got 3"),
        (
            "SELECT SUBSTRING(txt FROM 2 FOR 3) AS x, POSITION('a' IN txt) AS y, TRIM(LEADING 'x' FROM txt) AS z, TRIM(txt) AS v FROM t",
            "SELECT substring(txt, 2, 3) AS x, strpos(txt, 'a') AS y, ltrim(txt, 'x') AS z, btrim(txt) AS v FROM t",
        ),
        (
            "SELECT ts AT TIME ZONE 'UTC' AS x, @ a AS y, |/ a AS z, a ^ 2 AS p, FLOOR(a) AS f FROM t",
            "SELECT timezone('UTC', ts) AS x, abs(a) AS y, sqrt(a) AS z, a ^ 2 AS p, floor(a) AS f FROM t",
        ),
        (
            "SELECT txt ~ 'a+' AS x, txt SIMILAR TO 'a%' AS y, txt !~* 'b' AS z FROM t",
            "SELECT txt ~ 'a+' AS x, txt SIMILAR TO 'a%' AS y, txt !~* 'b' AS z FROM t",
        ),
        (
            "SELECT current_user, user, sysdate AS now FROM t",
            "SELECT current_user() AS \"current_user\", user() AS \"current_user␁2\", sysdate() AS now FROM t",
        ),
    ]);
}

#[test]
fn distinct_with_parentheses_is_distinct_of_the_row() {
    check(&[
        ("SELECT DISTINCT(a) AS x, b FROM t", "SELECT DISTINCT (a) AS x, b FROM t"),
        ("SELECT DISTINCT (a), b FROM t", "SELECT DISTINCT (a) AS \"a\", b FROM t"),
        ("SELECT a, COUNT (*) AS n FROM t GROUP BY (a)", "SELECT a, count(*) AS n FROM t GROUP BY a"),
        ("SELECT a, b FROM t GROUP BY (a, b)", "SELECT a, b FROM t GROUP BY a, b"),
    ]);
}

#[test]
fn an_order_without_effect_goes_where_rows_are_inserted() {
    check(&[
        ("INSERT INTO x SELECT DISTINCT a FROM t ORDER BY b", "SELECT DISTINCT a FROM t"),
        ("INSERT INTO x (SELECT DISTINCT a FROM t ORDER BY b)", "(SELECT DISTINCT a FROM t)"),
        ("INSERT INTO x SELECT DISTINCT a FROM t ORDER BY a", "SELECT DISTINCT a FROM t ORDER BY a"),
        (
            "INSERT INTO x SELECT DISTINCT a FROM t ORDER BY b LIMIT 5",
            "SELECT DISTINCT a FROM t ORDER BY b LIMIT 5",
        ),
        ("SELECT DISTINCT a FROM t ORDER BY b", "SELECT DISTINCT a FROM t ORDER BY b"),
    ]);
}

#[test]
fn clauses_that_would_be_ignored_are_refused_by_name() {
    check(&[
        ("SELECT DISTINCT ON (a) a, b FROM t", "SELECT DISTINCT ON is not supported"),
        ("SELECT a FROM t CONNECT BY NOCYCLE PRIOR a = b", "CONNECT BY NOCYCLE is not supported"),
        (
            "SELECT a FROM t FETCH FIRST 3 PERCENT ROWS ONLY",
            "FETCH FIRST … PERCENT or WITH TIES is not supported",
        ),
        ("SELECT (a, b) FROM t", "a row constructor in the SELECT list is not supported"),
    ]);
}

#[test]
fn isnull_and_notnull_are_predicates_too() {
    check(&[(
        "SELECT a FROM t WHERE a ISNULL AND b NOTNULL",
        "SELECT a FROM t WHERE a IS NULL AND b IS NOT NULL",
    )]);
}

#[test]
fn distinct_sorts_by_what_it_selects() {
    check(&[
        (
            "SELECT DISTINCT upper(txt), a FROM t ORDER BY upper(txt) DESC, a",
            "SELECT DISTINCT upper(txt) AS \"upper␁order0\", a FROM t ORDER BY \"upper␁order0\" DESC, a",
        ),
        (
            "SELECT DISTINCT EXTRACT(day FROM ts) AS d FROM t ORDER BY EXTRACT(day FROM ts)",
            "SELECT DISTINCT __extract('day', ts) AS d FROM t ORDER BY d",
        ),
        (
            "SELECT upper(txt) AS x FROM t ORDER BY upper(txt)",
            "SELECT upper(txt) AS x FROM t ORDER BY upper(txt)",
        ),
    ]);
    assert_eq!(strip_label_marker("upper\u{1}order0"), "upper");
}

#[test]
fn bitwise_not_is_xor_with_all_bits() {
    check(&[("SELECT ~ a AS x, ~ (a + 1) AS y FROM t", "SELECT a # -1 AS x, (a + 1) # -1 AS y FROM t")]);
}

#[test]
fn merged_columns_are_the_columns_that_they_mean() {
    check(&[
        (
            "SELECT a, b FROM t JOIN u USING (a) WHERE a > 1 GROUP BY a, b HAVING a < 9 ORDER BY a",
            "SELECT t.\"a\", b FROM t JOIN u ON t.\"a\" = u.\"a\" WHERE t.\"a\" > 1 GROUP BY t.\"a\", b HAVING t.\"a\" < 9 ORDER BY a",
        ),
        (
            "SELECT * FROM t FULL JOIN u USING (a) ORDER BY a + 1",
            "SELECT coalesce(t.\"a\", u.\"a\") AS \"a\", t.\"b\", t.\"ts\", t.\"txt\", u.\"c\" FROM t FULL JOIN u ON t.\"a\" = u.\"a\" \
             ORDER BY coalesce(t.\"a\", u.\"a\") + 1",
        ),
        (
            "SELECT c FROM t NATURAL RIGHT JOIN u WHERE a = 1",
            "SELECT c FROM t RIGHT JOIN u ON t.\"a\" = u.\"a\" WHERE u.\"a\" = 1",
        ),
        // A sub-query of ORDER BY has merged columns of its own.
        (
            "SELECT b FROM t JOIN u USING (a) ORDER BY (SELECT max(c) FROM u), a",
            "SELECT b FROM t JOIN u ON t.\"a\" = u.\"a\" ORDER BY (SELECT max(c) AS \"max\" FROM u), t.\"a\"",
        ),
        // Columns of a table that is not there are left to the planner.
        ("SELECT a FROM t JOIN missing USING (a)", "SELECT a FROM t JOIN missing USING(a)"),
    ]);
}
