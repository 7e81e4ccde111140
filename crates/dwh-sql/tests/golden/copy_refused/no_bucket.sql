COPY t FROM 's3://' IAM_ROLE default;
