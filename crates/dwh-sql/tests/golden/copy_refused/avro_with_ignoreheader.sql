-- A binary file has no lines to skip.
COPY t FROM 's3://b/k' IAM_ROLE DEFAULT FORMAT AVRO IGNOREHEADER 1;
