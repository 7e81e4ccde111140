COPY t FROM '/d' NULL '\N'; COPY t FROM '/d' NULL AS '\\N'; COPY t FROM '/d' NULL AS '\0';
COPY t FROM '/d' NULL AS '\000'; COPY t FROM '/d' NULL AS '\\000'; COPY t FROM '/d' NULL AS ''; COPY t FROM '/d' NULL AS 'NULL';
