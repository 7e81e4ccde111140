COMMENT ON TABLE users IS 'one row per user';
COMMENT ON COLUMN public.users.level IS 'free or paid; it''s the latest';
COMMENT ON VIEW v IS NULL;
COMMENT ON SCHEMA public IS 'x';
