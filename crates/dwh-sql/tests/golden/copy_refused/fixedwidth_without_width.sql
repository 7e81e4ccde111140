COPY t FROM 's3://b/k' IAM_ROLE default FIXEDWIDTH 'a:1,b';
