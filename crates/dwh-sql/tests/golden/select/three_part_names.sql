SELECT u.level, public.users.user_id FROM dev.public.users u;
