COPY staging_events
FROM 's3://udacity-dend/log_data'
IAM_ROLE 'arn:aws:iam::123456789012:role/dwhRole'
COMPUPDATE OFF STATUPDATE ON
REGION 'us-west-2'
FORMAT AS JSON 's3://udacity-dend/log_json_path.json'
TIMEFORMAT 'epochmillisecs'
TRUNCATECOLUMNS BLANKSASNULL EMPTYASNULL;
