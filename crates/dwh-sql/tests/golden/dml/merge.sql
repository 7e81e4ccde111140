MERGE INTO users USING (SELECT userid, level FROM staging_events) AS s ON users.user_id = s.userid
WHEN MATCHED THEN UPDATE SET level = s.level
WHEN NOT MATCHED THEN INSERT (user_id, level) VALUES (s.userid, s.level);
MERGE INTO dev.public.users USING stage ON users.user_id = stage.user_id WHEN NOT MATCHED THEN INSERT VALUES (stage.user_id, DEFAULT) WHEN MATCHED THEN DELETE;
MERGE INTO users USING stage ON users.user_id = stage.user_id REMOVE DUPLICATES;
