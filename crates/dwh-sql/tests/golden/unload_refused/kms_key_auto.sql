UNLOAD ('select 1') TO 's3://b/k' IAM_ROLE default KMS_KEY_ID 'k' ENCRYPTED AUTO
