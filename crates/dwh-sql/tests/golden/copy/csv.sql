COPY t FROM 's3://b/k' CREDENTIALS 'aws_iam_role=arn:aws:iam::1:role/r' CSV QUOTE AS '%' DELIMITER '|' IGNOREHEADER 1 ZSTD;
copy t from 's3://b/k' iam_role default quote '''' format as csv;
