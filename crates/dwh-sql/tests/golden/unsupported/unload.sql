UNLOAD ('SELECT 1') TO 's3://b/k' IAM_ROLE default;
