copy t from 's3://b/k' iam_role default;
