UNLOAD ('select * from users where level = ''paid'' order by user_id')
TO 's3://b/users_' IAM_ROLE 'arn:aws:iam::123456789012:role/dwhRole';
