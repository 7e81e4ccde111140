-- RS 1.2: PARQUET does not take it.
COPY t FROM 's3://b/k' IAM_ROLE DEFAULT FORMAT AS PARQUET REGION 'us-east-1';
