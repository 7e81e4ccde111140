import java.math.BigDecimal;
import java.sql.*;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** What a Java program does with pgjdbc: each step throws when its answer is wrong. */
public class Client {
    static void same(Object found, Object expected, String what) {
        if (!String.valueOf(found).equals(String.valueOf(expected))) {
            throw new AssertionError(what + ": " + found + ", not " + expected);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", arguments[1]);
        properties.setProperty("password", arguments[2]);
        properties.setProperty("prepareThreshold", "1");
        try (Connection connection = DriverManager.getConnection(arguments[0], properties)) {
            values(connection);
            foreign(connection);
            portions(connection);
            batches(connection);
            metadata(connection);
            errors(connection);
        }
        System.out.println("passed");
    }

    static void values(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE kinds (a INT, b BIGINT, c NUMERIC(10,2), d VARCHAR(20), e DATE,"
                + " f TIMESTAMP, g BOOLEAN, h FLOAT8, i SMALLINT, j REAL)");
        }
        String insert = "INSERT INTO kinds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        for (int round = 0; round < 7; round++) {
            try (PreparedStatement statement = connection.prepareStatement(insert)) {
                statement.setInt(1, round);
                statement.setLong(2, 1L << 40);
                statement.setBigDecimal(3, new BigDecimal("-12.50"));
                statement.setString(4, "it's é");
                statement.setDate(5, Date.valueOf("2020-02-29"));
                statement.setTimestamp(6, Timestamp.valueOf("2018-11-30 17:31:24.796"));
                statement.setBoolean(7, true);
                statement.setDouble(8, 0.25);
                statement.setShort(9, (short) -3);
                statement.setNull(10, Types.REAL);
                same(statement.executeUpdate(), 1, "rows inserted");
            }
        }
        // The sixth execution asks for binary values.
        for (int round = 0; round < 7; round++) {
            try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM kinds WHERE a = ? AND d = ?")) {
                statement.setInt(1, round);
                statement.setString(2, "it's é");
                try (ResultSet rows = statement.executeQuery()) {
                    same(rows.next(), true, "a row");
                    same(rows.getInt(1), round, "int");
                    same(rows.getLong(2), 1L << 40, "bigint");
                    same(rows.getBigDecimal(3), "-12.50", "numeric");
                    same(rows.getString(4), "it's é", "varchar");
                    same(rows.getDate(5), "2020-02-29", "date");
                    same(rows.getTimestamp(6), "2018-11-30 17:31:24.796", "timestamp");
                    same(rows.getBoolean(7), true, "boolean");
                    same(rows.getDouble(8), 0.25, "double");
                    same(rows.getShort(9), -3, "smallint");
                    rows.getFloat(10);
                    same(rows.wasNull(), true, "null");
                    same(rows.getMetaData().getColumnTypeName(3), "numeric", "type name");
                    same(rows.getMetaData().getPrecision(3), 10, "precision");
                    same(rows.next(), false, "the end");
                }
            }
        }
    }

    /** Types that PostgreSQL and Redshift do not share. */
    static void foreign(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE bytes (a INT, b VARBYTE(10), s SUPER, y INTERVAL YEAR TO MONTH,"
                + " d INTERVAL DAY TO SECOND, h HLLSKETCH)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO bytes (a, b) VALUES (?, ?)")) {
                insert.setInt(1, 1);
                insert.setBytes(2, new byte[] {1, (byte) 255});
                same(insert.executeUpdate(), 1, "bytes inserted");
            }
            try (ResultSet rows = statement.executeQuery("SELECT TO_HEX(b) FROM bytes")) {
                same(rows.next(), true, "a row");
                same(rows.getString(1), "01ff", "varbyte");
            }
            statement.execute("UPDATE bytes SET s = JSON_PARSE('{\"a\":1}'), y = INTERVAL '2 years 3 months' YEAR TO MONTH,"
                + " d = INTERVAL '3 days 4 hours' DAY TO SECOND");
            try (ResultSet rows = statement.executeQuery("SELECT b, s, y, d, h FROM bytes")) {
                List<String> types = new ArrayList<>();
                for (int n = 1; n <= 5; n++) {
                    types.add(rows.getMetaData().getColumnTypeName(n));
                }
                same(types, "[varbyte, super, intervaly2m, intervald2s, hllsketch]", "names of types");
                same(rows.next(), true, "a row");
                same(rows.getObject(1), "01ff", "varbyte");
                same(rows.getObject(2), "{\"a\":1}", "super");
                same(rows.getObject(3), "2 years 3 mons", "months");
                same(rows.getObject(4), "3 days 04:00:00", "seconds");
                same(rows.getObject(5), null, "hllsketch");
            }
            try (PreparedStatement any = connection.prepareStatement("SELECT a FROM bytes WHERE a = ANY(?)")) {
                any.setArray(1, connection.createArrayOf("int4", new Object[] {1, 2}));
                same(column(any.executeQuery(), "a"), "[1]", "an array");
            }
        }
    }

    /** A fetch size makes Execute limited; it needs a transaction. */
    static void portions(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(10);
            try (ResultSet rows = statement.executeQuery("SELECT x.a FROM kinds x, kinds y, kinds z ORDER BY 1")) {
                int count = 0;
                while (rows.next()) {
                    count++;
                }
                same(count, 343, "rows in portions");
            }
        }
        connection.rollback();
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement()) {
            statement.setMaxRows(3);
            try (ResultSet rows = statement.executeQuery("SELECT 1 FROM pg_class")) {
                int count = 0;
                while (rows.next()) {
                    count++;
                }
                same(count, 3, "max rows");
            }
        }
    }

    static void batches(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE batch (a INT, b VARCHAR(5))");
        }
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO batch VALUES (?, ?)")) {
            for (int n = 0; n < 20; n++) {
                statement.setInt(1, n);
                statement.setString(2, "t" + n);
                statement.addBatch();
            }
            same(statement.executeBatch().length, 20, "batch");
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT sum(a) FROM batch")) {
            rows.next();
            same(rows.getLong(1), 190, "sum of a batch");
        }
    }

    static List<String> column(ResultSet rows, String name) throws SQLException {
        List<String> values = new ArrayList<>();
        while (rows.next()) {
            values.add(rows.getString(name));
        }
        return values;
    }

    static void metadata(Connection connection) throws SQLException {
        DatabaseMetaData data = connection.getMetaData();
        same(data.getDatabaseProductVersion(), "8.0.2", "version");
        same(column(data.getSchemas(), "TABLE_SCHEM").contains("browse"), true, "schemas");
        String[] tables = {"TABLE"};
        same(column(data.getTables(null, "browse", "%", tables), "TABLE_NAME").contains("songs"), true, "tables");
        same(column(data.getTables(null, "browse", "titles", new String[] {"VIEW"}), "TABLE_NAME"), "[titles]", "views");
        same(column(data.getColumns(null, "browse", "songs", "%"), "COLUMN_NAME"),
            "[song_id, title, year, duration]", "columns");
        same(column(data.getColumns(null, "browse", "songs", "%"), "TYPE_NAME"),
            "[varchar, varchar, int2, numeric]", "types");
        same(column(data.getPrimaryKeys(null, "browse", "songs"), "COLUMN_NAME"), "[song_id]", "a primary key");
        same(column(data.getPrimaryKeys(null, "browse", "songs"), "KEY_SEQ"), "[1]", "its place");
        same(column(data.getPrimaryKeys(null, "browse", "songs"), "PK_NAME"), "[songs_pkey]", "its name");
        same(column(data.getImportedKeys(null, "browse", "plays"), "PKTABLE_NAME"), "[songs]", "a foreign key");
        same(column(data.getExportedKeys(null, "browse", "songs"), "FKCOLUMN_NAME"), "[song_id]", "its column");
        same(column(data.getIndexInfo(null, "browse", "songs", true, true), "COLUMN_NAME"), "[song_id]", "an index");
        same(column(data.getBestRowIdentifier(null, "browse", "songs", DatabaseMetaData.bestRowSession, true),
            "COLUMN_NAME"), "[song_id]", "what identifies a row");
        same(column(data.getTypeInfo(), "TYPE_NAME").contains("int4"), true, "types of the server");
        same(column(data.getCatalogs(), "TABLE_CAT").contains("dev"), true, "catalogs");
        for (ResultSet rows : new ResultSet[] {
            data.getTableTypes(), data.getProcedures(null, null, "%"), data.getFunctions(null, null, "%"),
            data.getUDTs(null, null, "%", null), data.getTablePrivileges(null, "browse", "%"),
            data.getColumnPrivileges(null, "browse", "songs", "%"),
        }) {
            rows.close();
        }
    }

    static void errors(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeQuery("SELECT * FROM missing");
            throw new AssertionError("no error");
        } catch (SQLException error) {
            same(error.getSQLState(), "42P01", "state");
        }
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            statement.executeQuery("SELECT count(*) FROM pg_attribute a, pg_attribute b, pg_attribute c, pg_attribute d"
                + " WHERE a.attnum + b.attnum > c.attnum + d.attnum");
            throw new AssertionError("no time-out");
        } catch (SQLException error) {
            same(error.getSQLState(), "57014", "state of a time-out");
        }
    }
}
