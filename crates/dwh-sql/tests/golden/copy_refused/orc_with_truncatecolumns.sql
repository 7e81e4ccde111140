-- RS 1.2: the format may come behind the option that it does not take.
COPY t FROM 's3://b/k' IAM_ROLE DEFAULT TRUNCATECOLUMNS FORMAT ORC;
