UNLOAD ('select user_id, year, month from time') TO 's3://b/t' IAM_ROLE default JSON PARTITION BY (year, month) INCLUDE CLEANPATH MANIFEST VERBOSE ENCRYPTED AUTO
