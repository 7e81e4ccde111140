DROP TABLE IF EXISTS staging_events;
DROP TABLE IF EXISTS songplays, users, "Songs" CASCADE;
drop table time
