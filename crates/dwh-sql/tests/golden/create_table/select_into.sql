SELECT user_id, level INTO TEMP TABLE levels FROM users;
SELECT * INTO s.copy_of_users FROM users WHERE level = 'paid';
