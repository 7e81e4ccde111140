UNLOAD ('select user_id, level from users') TO 's3://b/u' WITH CREDENTIALS AS 'aws_access_key_id=AKIA;aws_secret_access_key=s' CSV DELIMITER AS ';' GZIP EXTENSION 'csv.gz' REGION AS 'us-west-2'
