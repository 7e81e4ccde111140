INSERT INTO t VALUES (1, 'a', DEFAULT), (2, NULL, 3 + 4);
INSERT INTO s.t (a, "B") VALUES (DEFAULT, getdate());
INSERT INTO t DEFAULT VALUES;
insert into t (select 1, 2);
