COPY t FROM 's3://b/k' IAM_ROLE default JSON 'auto' MAXERROR 100001;
