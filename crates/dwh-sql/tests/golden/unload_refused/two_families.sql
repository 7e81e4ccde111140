UNLOAD ('select 1') TO 's3://b/k' IAM_ROLE default ACCESS_KEY_ID 'a' SECRET_ACCESS_KEY 'b'
