UNLOAD ('select 1') TO 's3://b/k' IAM_ROLE default KMS_KEY_ID '1234abcd-12ab' MANIFEST ENCRYPTED
