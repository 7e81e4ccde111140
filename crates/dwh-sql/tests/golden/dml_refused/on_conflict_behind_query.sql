INSERT INTO users (user_id) SELECT userid FROM staging_events ON CONFLICT DO NOTHING;
