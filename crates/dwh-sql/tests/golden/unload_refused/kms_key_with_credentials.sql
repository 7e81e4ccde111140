UNLOAD ('select 1') TO 's3://b/k' CREDENTIALS 'aws_iam_role=r' ENCRYPTED KMS_KEY_ID 'k'
