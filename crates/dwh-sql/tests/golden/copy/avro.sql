-- RS 1.1.
COPY t FROM 's3://b/k' IAM_ROLE DEFAULT FORMAT AS AVRO 's3://b/paths.json' MAXERROR 3;
