COPY t FROM 's3://b/k' IAM_ROLE 'aws_iam_role=arn:aws:iam::1:role/r' JSON 'auto';
