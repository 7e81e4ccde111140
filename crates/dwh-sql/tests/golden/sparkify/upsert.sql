BEGIN;
DELETE FROM users USING staging_events WHERE users.user_id = staging_events.userid;
INSERT INTO users SELECT userid, firstname, lastname, gender, level FROM staging_events;
END;
