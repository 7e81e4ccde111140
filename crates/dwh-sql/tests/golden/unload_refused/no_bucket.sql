UNLOAD ('select 1') TO 's3://' IAM_ROLE default
