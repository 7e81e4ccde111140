COPY t FROM 's3://b/k' CREDENTIALS 'arn:aws:iam::1:role/r' JSON 'auto';
