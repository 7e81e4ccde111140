COPY t FROM 's3://b/k' IAM_ROLE 'arn:aws:iam::1:role/r' ACCESS_KEY_ID 'a' SECRET_ACCESS_KEY 'b' JSON 'auto';
